import { PlatformError } from '@enterprise-backup/contracts/errors';
import { toBackupId } from '@enterprise-backup/contracts/ids';
import type { JobView } from '@enterprise-backup/contracts/orchestrator';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import { listJobs } from '@enterprise-backup/schema/statements/list-jobs';
import { viewJob } from './views/job-view.ts';

/** The job with this number as a person sees it at `now`. Throws BACKUP_NOT_FOUND. */
export async function requireJobView(session: CatalogSession, id: number, now: Date): Promise<JobView> {
  const [job] = await listJobs(session, { id, limit: 1 });
  if (job === undefined) throw new PlatformError('BACKUP_NOT_FOUND', `there is no ${toBackupId(id)}`);
  return viewJob(job, now);
}
