import type { CatalogSession } from '../catalog.ts';
import type { JobRow } from '../rows.ts';

/** The job with this id, which no other transaction locks or changes until this one ends. */
export const lockJob = async ({ knex }: CatalogSession, id: number): Promise<JobRow | undefined> =>
  knex('backup_jobs').where({ id }).forUpdate().first();
