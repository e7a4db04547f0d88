import type { CatalogSession } from '../catalog.ts';
import type { JobRow } from '../rows.ts';

/** Of each source system the job that ended last. */
export const listNewestEndedJobs = async ({ knex }: CatalogSession): Promise<JobRow[]> => {
  const ranked = knex('backup_jobs')
    .select('*')
    .rowNumber('place', (over) => {
      over.partitionBy('source_system').orderBy('completed_at', 'desc').orderBy('id', 'desc');
    })
    .whereIn('status', ['completed', 'failed']);
  return knex.select<JobRow[]>('*').from(ranked.as('ranked')).where({ place: 1 });
};
