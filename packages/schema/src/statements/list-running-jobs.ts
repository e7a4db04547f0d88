import type { CatalogSession } from '../catalog.ts';
import type { JobRow } from '../rows.ts';

/** Every job that runs now. */
export const listRunningJobs = async ({ knex }: CatalogSession): Promise<JobRow[]> =>
  knex('backup_jobs').where({ status: 'running' }).select();
