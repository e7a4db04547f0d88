import type { TaskKind } from '@enterprise-backup/contracts/catalog';
import type { Clock } from '@enterprise-backup/contracts/clock';
import { PlatformError, toErrorReport } from '@enterprise-backup/contracts/errors';
import { toTaskId } from '@enterprise-backup/contracts/ids';
import type { ClaimedTask } from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { TaskRow } from '@enterprise-backup/schema/rows';
import { claimTask } from '@enterprise-backup/schema/statements/claim-task';
import { endPendingTask } from '@enterprise-backup/schema/statements/end-pending-task';
import { listClaimableTasks, type ClaimableTask } from '@enterprise-backup/schema/statements/list-claimable-tasks';
import { lockJob } from '@enterprise-backup/schema/statements/lock-job';
import { lockSourceSystem } from '@enterprise-backup/schema/statements/lock-source-system';
import { lockTargetSystem } from '@enterprise-backup/schema/statements/lock-target-system';
import { lockTask } from '@enterprise-backup/schema/statements/lock-task';
import { sourceHasRunningTask } from '@enterprise-backup/schema/statements/source-has-running-task';
import { startJob } from '@enterprise-backup/schema/statements/start-job';
import { startRecovery } from '@enterprise-backup/schema/statements/start-recovery';
import { targetHasRunningTask } from '@enterprise-backup/schema/statements/target-has-running-task';
import { transaction } from '@enterprise-backup/schema/transaction';
import { countEndedWork } from '../metrics.ts';
import type { OrchestratorServices } from '../services.ts';
import { specifyTask } from './specify-task.ts';
import { endWorkOf } from './task-outcomes.ts';

/** Who asks for a task, of which kinds, for how long. */
export interface TaskWanted {
  readonly agent_id: string;
  readonly kinds: readonly TaskKind[];
  readonly lease_seconds: number;
}

const candidatesAtOnce = 20;

/**
 * When others take all candidates, new ones are read. After so many rounds the agent is told that nothing waits and asks
 * again later, rather than holding the call open under a storm of claims.
 */
const roundsAtMost = 25;

/** Takes the oldest task that waits and whose source or target is free, under the next generation; null when none is. */
export async function takeOldestTask(services: OrchestratorServices, wanted: TaskWanted): Promise<ClaimedTask | null> {
  for (let round = 1; round <= roundsAtMost; round += 1) {
    const now = services.clock.now();
    const candidates = await listClaimableTasks(services.catalog, {
      kinds: wanted.kinds,
      now,
      limit: candidatesAtOnce,
    });
    if (candidates.length === 0) return null;
    for (const candidate of candidates) {
      const outcome = await transaction(services.catalog, (session) =>
        take(session, candidate, wanted, services.clock),
      );
      if (outcome.kind === 'claimed') return outcome.task;
      if (outcome.kind === 'impossible') countEndedWork(services.metrics, outcome.task.kind, 'failed');
    }
  }
  return null;
}

/** `taken`: another claim was faster. `impossible`: what the task needs is no longer registered, and it was failed. */
type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly task: ClaimedTask }
  | { readonly kind: 'taken' }
  | { readonly kind: 'impossible'; readonly task: TaskRow };

/**
 * One claim, whole or not at all. The system's row is locked first, so that of two claims of tasks of one system the
 * second sees the first one's task running; then the task's own row, so that of two claims of one task the second finds
 * it taken; then its job's, which a tick holds while it lets the job stand for a due time. A crash before the commit leaves
 * the task waiting.
 */
async function take(
  session: CatalogSession,
  candidate: ClaimableTask,
  wanted: TaskWanted,
  clock: Clock,
): Promise<ClaimOutcome> {
  if (await isSystemBusy(session, candidate)) return { kind: 'taken' };
  const task = await lockTask(session, candidate.id);
  if (task !== undefined && task.job_id !== null) await lockJob(session, task.job_id);
  // Only now: the start of the job must not lie before a due time that it stands for.
  const now = clock.now();
  if (task?.status !== 'pending' || new Date(task.not_before) > now) return { kind: 'taken' };
  const specification = await specifyTask(session, task);
  if (specification instanceof PlatformError) {
    await endImpossible(session, task, specification, now);
    return { kind: 'impossible', task };
  }
  const { agent_id: owner } = wanted;
  const expires = new Date(now.getTime() + wanted.lease_seconds * 1000);
  const taken = await claimTask(session, {
    id: task.id,
    lease_owner: owner,
    lease_generation: task.lease_generation,
    lease_expires_at: expires,
    attempts: task.attempts,
    specification,
    now,
  });
  if (!taken) return { kind: 'taken' };
  if (task.job_id !== null) await startJob(session, task.job_id, now);
  if (task.kind === 'recovery' && task.recovery_id !== null) await startRecovery(session, task.recovery_id, now);
  const lease = { owner, generation: task.lease_generation + 1, expires_at: expires.toISOString() };
  return { kind: 'claimed', task: { task_id: toTaskId(task.id), lease, specification } };
}

/** Locks the system that the task works on and tells whether another task works on it now. */
async function isSystemBusy(session: CatalogSession, candidate: ClaimableTask): Promise<boolean> {
  const { source_system, target_system } = candidate;
  if (source_system !== null) {
    await lockSourceSystem(session, source_system);
    return sourceHasRunningTask(session, source_system);
  }
  if (target_system !== null) {
    await lockTargetSystem(session, target_system);
    return targetHasRunningTask(session, target_system);
  }
  return false;
}

/** A task that cannot be specified any more would stand before the others for ever. */
async function endImpossible(session: CatalogSession, task: TaskRow, error: PlatformError, now: Date): Promise<void> {
  const report = toErrorReport(error);
  await endPendingTask(session, task.id, 'failed', report, now);
  await endWorkOf(session, task, 'failed', report, now);
}
