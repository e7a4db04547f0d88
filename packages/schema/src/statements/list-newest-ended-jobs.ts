import type { CatalogSession } from '../catalog.ts';
import type { JobRow } from '../rows.ts';

/** Of each source system the newest job that has ended. */
export const listNewestEndedJobs = async ({ knex }: CatalogSession): Promise<JobRow[]> => {
  const newest = knex('backup_jobs').whereIn('status', ['completed', 'failed']).groupBy('source_system').max('id');
  return knex('backup_jobs').whereIn('id', newest).select();
};
