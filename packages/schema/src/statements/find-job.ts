import type { CatalogSession } from '../catalog.ts';
import type { JobRow } from '../rows.ts';

/** The job with this id. */
export const findJob = async ({ knex }: CatalogSession, id: number): Promise<JobRow | undefined> =>
  knex('backup_jobs').where({ id }).first();
