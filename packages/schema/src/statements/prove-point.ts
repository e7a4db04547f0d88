import type { CatalogSession } from '../catalog.ts';

/** Records that a recovery of the point was completed and verified. */
export const provePoint = async ({ knex }: CatalogSession, jobId: number, now: Date): Promise<void> => {
  await knex('recovery_points').where({ job_id: jobId }).update({ last_proven_at: now });
};
