import type { JobStatus } from '@enterprise-backup/contracts/catalog';
import type { CatalogSession } from '../catalog.ts';
import type { JobRow, TaskRow } from '../rows.ts';

/** A job with the state of its task. */
export type JobWithTask = JobRow & Pick<TaskRow, 'attempts' | 'progress' | 'progress_since'>;

/** Jobs that fit every given condition, newest first. */
export const listJobs = async (
  { knex }: CatalogSession,
  wanted: {
    readonly id?: number;
    readonly source_system?: string;
    readonly status?: JobStatus;
    readonly limit: number;
  },
): Promise<JobWithTask[]> => {
  const query = knex('backup_jobs as job')
    .leftJoin('tasks as task', 'task.job_id', 'job.id')
    .select<JobWithTask[]>(
      'job.*',
      knex.raw('coalesce(task.attempts, 0) as attempts'),
      'task.progress',
      'task.progress_since',
    )
    .orderBy('job.id', 'desc')
    .limit(wanted.limit);
  if (wanted.id !== undefined) query.where('job.id', wanted.id);
  if (wanted.source_system !== undefined) query.where('job.source_system', wanted.source_system);
  if (wanted.status !== undefined) query.where('job.status', wanted.status);
  return query;
};
