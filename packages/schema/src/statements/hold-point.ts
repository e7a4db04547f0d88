import type { CatalogSession } from '../catalog.ts';

/** Holds a point, or releases it with null. Returns whether there is such a point that retention has not removed. */
export const holdPoint = async ({ knex }: CatalogSession, jobId: number, reason: string | null): Promise<boolean> =>
  (await knex('recovery_points').where({ job_id: jobId }).whereNull('forgotten_at').update({ hold_reason: reason })) ===
  1;
