import { PlatformError } from '@enterprise-backup/contracts/errors';
import { rowOf } from '@enterprise-backup/contracts/ids';
import type { TaskSpecification } from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { TaskRow } from '@enterprise-backup/schema/rows';
import { findJob } from '@enterprise-backup/schema/statements/find-job';
import { findSourceSystem } from '@enterprise-backup/schema/statements/find-source-system';
import { referToRepository } from '../refer-to-repository.ts';
import { specifyBackup } from '../specify-backup.ts';

/**
 * What the agent that claims the task has to do. A backup is specified anew from its job; of the others the decisions of
 * the request stay and only the repository's place and secret are those of now, so that a corrected secret helps the
 * next attempt. Returns the reason as an error when the source or the repository is no longer there.
 */
export async function specifyTask(session: CatalogSession, task: TaskRow): Promise<TaskSpecification | PlatformError> {
  try {
    if (task.job_id !== null) return await specifyJob(session, task.job_id);
    const { specification } = task;
    const repository = await referToRepository(session, rowOf(specification.repository.repository_id));
    return { ...specification, repository };
  } catch (error) {
    if (error instanceof PlatformError && error.kind === 'not_found') return error;
    throw error;
  }
}

async function specifyJob(session: CatalogSession, jobId: number): Promise<TaskSpecification> {
  const job = await findJob(session, jobId);
  if (job === undefined) throw new PlatformError('BACKUP_NOT_FOUND', `there is no job ${jobId}`);
  const source = await findSourceSystem(session, job.source_system);
  if (source === undefined) {
    throw new PlatformError('SOURCE_UNKNOWN', `the source system ${job.source_system} is no longer registered`);
  }
  return specifyBackup(session, job, source);
}
