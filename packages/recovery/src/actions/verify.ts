import { PlatformError } from '@enterprise-backup/contracts/errors';
import { rowOf, toRecoveryId } from '@enterprise-backup/contracts/ids';
import type { VerifyTask } from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { RecoveryRow } from '@enterprise-backup/schema/rows';
import { findRecoveryTask } from '@enterprise-backup/schema/statements/find-recovery-task';
import { insertTask } from '@enterprise-backup/schema/statements/insert-task';
import { lockRecovery } from '@enterprise-backup/schema/statements/lock-recovery';
import { setVerification } from '@enterprise-backup/schema/statements/set-verification';
import { transaction } from '@enterprise-backup/schema/transaction';
import { lockRestorablePoint } from '../lock-restorable-point.ts';
import { readRecovery, recoveryNotFound } from '../read-recoveries.ts';
import type { RecoveryAnswer, RecoveryServices, RequestFor } from '../services.ts';

/**
 * Has what a completed recovery wrote compared with its point. While a verification of it waits or runs, a repetition
 * answers that one. Throws RECOVERY_NOT_FOUND, RECOVERY_NOT_COMPLETED, BACKUP_NOT_RESTORABLE.
 */
export async function verify(
  { catalog, clock, log }: RecoveryServices,
  { recovery_id }: RequestFor<'verify'>,
): Promise<RecoveryAnswer> {
  const now = clock.now();
  const id = rowOf(recovery_id);
  await transaction(catalog, async (session) => {
    const recovery = await lockRecovery(session, id);
    if (recovery === undefined) throw recoveryNotFound(id);
    checkWritten(recovery);
    const earlier = await findRecoveryTask(session, id, 'verify');
    if (earlier?.status === 'pending' || earlier?.status === 'running') return;
    await lockRestorablePoint(session, recovery.job_id);
    const specification = await specifyVerification(session, id);
    await setVerification(session, id, null);
    await insertTask(session, { kind: 'verify', recovery_id: id, specification, not_before: now, created_at: now });
  });
  log.info('verification requested', { recovery_id });
  return { recovery: await readRecovery(catalog, id, now) };
}

function checkWritten(recovery: RecoveryRow): void {
  if (recovery.status === 'completed' && !recovery.dry_run) return;
  const state = recovery.dry_run ? 'a plan, which writes nothing' : recovery.status;
  throw new PlatformError('RECOVERY_NOT_COMPLETED', `${toRecoveryId(recovery.id)} is ${state}`);
}

/** The same point, target and patterns as the recovery had. */
async function specifyVerification(session: CatalogSession, id: number): Promise<VerifyTask> {
  const specification = (await findRecoveryTask(session, id, 'recovery'))?.specification;
  if (specification?.kind !== 'recovery') {
    throw new PlatformError('INTERNAL', `${toRecoveryId(id)} has no task that says what it wrote`);
  }
  const { recovery_id, backup_id, snapshot_id, source_path, target, include, repository } = specification;
  return { kind: 'verify', recovery_id, backup_id, snapshot_id, source_path, target, include, repository };
}
