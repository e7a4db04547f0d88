import type { CatalogSession } from '../catalog.ts';

/** Marks a job as running. Its start stays that of the first attempt. */
export const startJob = async ({ knex }: CatalogSession, id: number, now: Date): Promise<void> => {
  await knex.raw("update backup_jobs set status = 'running', started_at = coalesce(started_at, ?) where id = ?", [
    now,
    id,
  ]);
};
