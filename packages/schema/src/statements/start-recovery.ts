import type { CatalogSession } from '../catalog.ts';

/** Marks a recovery as running. Its start stays that of the first attempt. */
export const startRecovery = async ({ knex }: CatalogSession, id: number, now: Date): Promise<void> => {
  await knex.raw("update recoveries set status = 'running', started_at = coalesce(started_at, ?) where id = ?", [
    now,
    id,
  ]);
};
