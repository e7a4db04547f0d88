import type { CatalogSession } from '../catalog.ts';

/** Numbers of jobs by state; ended ones only since the given time. */
export interface JobCounts {
  readonly pending: number;
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
}

/** Counts the jobs that wait and run, and those that ended since `since`. */
export const countJobs = async ({ knex }: CatalogSession, since: Date): Promise<JobCounts> => {
  const rows = await knex('backup_jobs')
    .select<{ readonly status: keyof JobCounts; readonly jobs: number }[]>('status', knex.raw('count(*) as jobs'))
    .whereIn('status', ['pending', 'running'])
    .orWhere((ended) => ended.whereIn('status', ['completed', 'failed']).andWhere('completed_at', '>=', since))
    .groupBy('status');
  const counts = new Map(rows.map((row) => [row.status, row.jobs]));
  const count = (status: keyof JobCounts): number => counts.get(status) ?? 0;
  return {
    pending: count('pending'),
    running: count('running'),
    completed: count('completed'),
    failed: count('failed'),
  };
};
