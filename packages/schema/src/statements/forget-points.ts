import type { CatalogSession } from '../catalog.ts';

/** Marks points as removed by retention. Returns how many of them were there and not held. */
export const forgetPoints = async ({ knex }: CatalogSession, jobIds: readonly number[], now: Date): Promise<number> =>
  knex('recovery_points')
    .whereIn('job_id', [...jobIds])
    .whereNull('forgotten_at')
    .whereNull('hold_reason')
    .update({ forgotten_at: now });
