import type { CatalogSession } from '../catalog.ts';
import { insertedId } from '../inserted-id.ts';
import type { JobRow, NewRow } from '../rows.ts';

/** Makes a pending job and returns its id. Violates `unique` when the request or the schedule's due time has one. */
export const insertJob = async ({ knex }: CatalogSession, job: NewRow<JobRow, 'id' | 'status'>): Promise<number> => {
  return insertedId(await knex('backup_jobs').insert(job));
};
