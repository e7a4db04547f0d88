import type { CatalogSession } from '../catalog.ts';

/** Marks a job as completed; the error of an earlier attempt goes. */
export const completeJob = async ({ knex }: CatalogSession, id: number, now: Date): Promise<void> => {
  await knex('backup_jobs').where({ id }).update({ status: 'completed', completed_at: now, error: null });
};
