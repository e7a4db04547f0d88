import { PlatformError } from '@enterprise-backup/contracts/errors';
import { toBackupId } from '@enterprise-backup/contracts/ids';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { RecoveryPointRow } from '@enterprise-backup/schema/rows';
import { findJob } from '@enterprise-backup/schema/statements/find-job';
import { lockRecoveryPoint } from '@enterprise-backup/schema/statements/lock-recovery-point';

/**
 * The point of a job, locked so that retention cannot remove it before a task that needs it is written.
 * Throws BACKUP_NOT_FOUND, BACKUP_NOT_RESTORABLE.
 */
export async function lockRestorablePoint(session: CatalogSession, jobId: number): Promise<RecoveryPointRow> {
  const point = await lockRecoveryPoint(session, jobId);
  if (point?.forgotten_at === null) return point;
  const backup_id = toBackupId(jobId);
  if (point !== undefined) {
    const sentence = `the point of ${backup_id} was removed by retention at ${point.forgotten_at}`;
    throw new PlatformError('BACKUP_NOT_RESTORABLE', sentence);
  }
  const job = await findJob(session, jobId);
  if (job === undefined) throw new PlatformError('BACKUP_NOT_FOUND', `there is no ${backup_id}`);
  throw new PlatformError('BACKUP_NOT_RESTORABLE', `${backup_id} is ${job.status} and has no recovery point`);
}
