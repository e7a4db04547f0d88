import { PlatformError, type ErrorReport } from '@enterprise-backup/contracts/errors';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { HeldTask } from '@enterprise-backup/schema/held-task';
import type { TaskRow } from '@enterprise-backup/schema/rows';
import { endHeldTask } from '@enterprise-backup/schema/statements/end-held-task';
import { endRecovery } from '@enterprise-backup/schema/statements/end-recovery';
import { failJob } from '@enterprise-backup/schema/statements/fail-job';
import { returnHeldTask, type TaskReturn } from '@enterprise-backup/schema/statements/return-held-task';
import { returnJob } from '@enterprise-backup/schema/statements/return-job';
import { returnRecovery } from '@enterprise-backup/schema/statements/return-recovery';

/**
 * Puts a running task, which the caller has locked, back among those that wait, and its job or recovery with it. All is
 * written in the caller's transaction: a crash in between leaves the task with its holder, whose lease ends.
 */
export async function returnTask(session: CatalogSession, task: TaskRow, outcome: TaskReturn): Promise<void> {
  if (!(await returnHeldTask(session, heldFrom(task), outcome))) throw movedWhileLocked(task);
  if (task.job_id !== null) await returnJob(session, task.job_id, outcome.error);
  if (task.kind === 'recovery' && task.recovery_id !== null) {
    await returnRecovery(session, task.recovery_id, outcome.error);
  }
}

/**
 * Ends a running task, which the caller has locked, without a result, and its job or recovery with it, in the caller's
 * transaction. A job knows no cancelled state and is failed then. A recovery stays completed when its verification ends.
 */
export async function endTask(
  session: CatalogSession,
  task: TaskRow,
  status: 'failed' | 'cancelled',
  error: ErrorReport,
  now: Date,
): Promise<void> {
  if (!(await endHeldTask(session, heldFrom(task), status, error, now))) throw movedWhileLocked(task);
  await endWorkOf(session, task, status, error, now);
}

/** Ends the job or the recovery of a task that has ended without a result. */
export async function endWorkOf(
  session: CatalogSession,
  task: TaskRow,
  status: 'failed' | 'cancelled',
  error: ErrorReport,
  now: Date,
): Promise<void> {
  if (task.job_id !== null) await failJob(session, task.job_id, error, now);
  if (task.kind === 'recovery' && task.recovery_id !== null) {
    await endRecovery(session, task.recovery_id, status, error, now);
  }
}

function heldFrom(task: TaskRow): HeldTask {
  if (task.lease_owner === null) throw new PlatformError('INTERNAL', `the running task ${task.id} has no owner`);
  return { id: task.id, lease_owner: task.lease_owner, lease_generation: task.lease_generation };
}

function movedWhileLocked(task: TaskRow): PlatformError {
  return new PlatformError(
    'LEASE_LOST',
    `the task ${task.id} is no longer in the hands of ${String(task.lease_owner)}`,
  );
}
