import type { CatalogSession } from '../catalog.ts';

/** Marks a point as removed by retention. Returns whether it was there and not held. */
export const forgetPoint = async ({ knex }: CatalogSession, jobId: number, now: Date): Promise<boolean> =>
  (await knex('recovery_points')
    .where({ job_id: jobId })
    .whereNull('forgotten_at')
    .whereNull('hold_reason')
    .update({ forgotten_at: now })) === 1;
