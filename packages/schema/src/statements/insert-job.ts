import type { CatalogSession } from '../catalog.ts';
import type { JobRow, NewRow } from '../rows.ts';

/** Makes a pending job and returns its id. Violates `unique` when the request or the schedule's due time has one. */
export const insertJob = async (
  { knex }: CatalogSession,
  job: NewRow<JobRow, 'id' | 'status'>,
): Promise<number | undefined> => {
  const [id] = await knex('backup_jobs').insert(job);
  return id;
};
