import { snapshotId, toBackupId } from '@enterprise-backup/contracts/ids';
import type { BackupTask } from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { JobRow, SourceSystemRow } from '@enterprise-backup/schema/rows';
import { listParentCandidates } from '@enterprise-backup/schema/statements/list-parent-candidates';
import { repositoryHasPoints } from '@enterprise-backup/schema/statements/repository-has-points';
import { chooseParent } from './parent-choice.ts';
import { referToRepository } from './refer-to-repository.ts';

/**
 * What an agent has to do for a job, from the catalog as it stands: the source's settings of now and the parent of now.
 * It is made anew at each claim, so that a job that waited takes the point before it as its parent.
 */
export async function specifyBackup(
  session: CatalogSession,
  job: JobRow,
  source: SourceSystemRow,
): Promise<BackupTask> {
  const { source_system, backup_type } = job;
  const { repository_id } = source;
  const candidates = await listParentCandidates(session, { source_system, repository_id });
  const { parent } = chooseParent(backup_type, candidates);
  return {
    kind: 'backup',
    backup_id: toBackupId(job.id),
    created_at: job.created_at,
    job_name: job.job_name,
    source_system,
    backup_type,
    retention_days: job.retention_days,
    source: source.settings,
    repository: await referToRepository(session, repository_id),
    repository_has_points: await repositoryHasPoints(session, repository_id),
    parent_snapshot_id: parent === null ? null : snapshotId.parse(parent.snapshot_id),
  };
}
