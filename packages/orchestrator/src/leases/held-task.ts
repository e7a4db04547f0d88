import { PlatformError } from '@enterprise-backup/contracts/errors';
import { rowOf, type TaskId } from '@enterprise-backup/contracts/ids';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { HeldTask } from '@enterprise-backup/schema/held-task';
import type { TaskRow } from '@enterprise-backup/schema/rows';
import { lockTask } from '@enterprise-backup/schema/statements/lock-task';

/** What an agent's request says of the task that it holds. */
export interface LeaseClaim {
  readonly task_id: TaskId;
  readonly agent_id: string;
  readonly generation: number;
}

/** The holder that a request names. */
export function holderOf(claim: LeaseClaim): HeldTask {
  return { id: rowOf(claim.task_id), lease_owner: claim.agent_id, lease_generation: claim.generation };
}

/** Tells whether the row names this holder, whatever the task's status. */
export function isHolder(task: TaskRow, claim: LeaseClaim): boolean {
  return task.lease_owner === claim.agent_id && task.lease_generation === claim.generation;
}

/** Locks the task that the request names. Throws TASK_NOT_FOUND. */
export async function lockNamedTask(session: CatalogSession, claim: LeaseClaim): Promise<TaskRow> {
  const task = await lockTask(session, rowOf(claim.task_id));
  if (task === undefined) throw taskNotFound(claim);
  return task;
}

/** Locks the task that the request names and checks that the agent holds it. Throws TASK_NOT_FOUND, LEASE_LOST. */
export async function lockHeldTask(session: CatalogSession, claim: LeaseClaim): Promise<TaskRow> {
  const task = await lockNamedTask(session, claim);
  if (task.status !== 'running' || !isHolder(task, claim)) throw leaseLost(claim);
  return task;
}

export function taskNotFound(claim: LeaseClaim): PlatformError {
  return new PlatformError('TASK_NOT_FOUND', `there is no ${claim.task_id}`);
}

export function leaseLost(claim: LeaseClaim): PlatformError {
  return new PlatformError(
    'LEASE_LOST',
    `${claim.agent_id} does not hold ${claim.task_id} under generation ${claim.generation} any longer`,
  );
}
