import { PlatformError, toErrorReport } from '@enterprise-backup/contracts/errors';
import { rowOf, toRecoveryId } from '@enterprise-backup/contracts/ids';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import { endPendingTask } from '@enterprise-backup/schema/statements/end-pending-task';
import { endRecovery } from '@enterprise-backup/schema/statements/end-recovery';
import { findRecoveryTask } from '@enterprise-backup/schema/statements/find-recovery-task';
import { lockTask } from '@enterprise-backup/schema/statements/lock-task';
import { requestCancel } from '@enterprise-backup/schema/statements/request-cancel';
import { transaction } from '@enterprise-backup/schema/transaction';
import { readRecovery, recoveryNotFound } from '../read-recoveries.ts';
import type { RecoveryAnswer, RecoveryServices, RequestFor } from '../services.ts';

/**
 * Stops a recovery: one that waits is cancelled at once; the agent of one that runs is told at its next report and ends
 * it, and if that agent is gone, the end of its lease does. Repeated, it answers the same.
 * Throws RECOVERY_NOT_FOUND, RECOVERY_ENDED.
 */
export async function cancel(
  { catalog, clock, log }: RecoveryServices,
  { recovery_id }: RequestFor<'cancel'>,
): Promise<RecoveryAnswer> {
  const now = clock.now();
  const id = rowOf(recovery_id);
  await transaction(catalog, (session) => stop(session, id, now));
  log.info('recovery cancelled', { recovery_id });
  return { recovery: await readRecovery(catalog, id, now) };
}

async function stop(session: CatalogSession, id: number, now: Date): Promise<void> {
  const named = await findRecoveryTask(session, id, 'recovery');
  // The task is locked and not the recovery: agents' calls lock the task first as well, so that none waits for the other.
  const task = named === undefined ? undefined : await lockTask(session, named.id);
  if (task === undefined) throw recoveryNotFound(id);
  switch (task.status) {
    case 'pending': {
      const error = toErrorReport(new PlatformError('CANCELLED', 'it was cancelled on request before it ran'));
      await endPendingTask(session, task.id, 'cancelled', error, now);
      await endRecovery(session, id, 'cancelled', error, now);
      return;
    }
    case 'running':
      await requestCancel(session, task.id);
      return;
    case 'cancelled':
      return;
    case 'completed':
    case 'failed':
      throw new PlatformError('RECOVERY_ENDED', `${toRecoveryId(id)} is ${task.status} already`);
  }
}
