import type { CatalogSession } from '../catalog.ts';

/** Locks the points of these jobs until the transaction ends, in the order of their ids so that two cannot block. */
export const lockRecoveryPoints = async ({ knex }: CatalogSession, jobIds: readonly number[]): Promise<void> => {
  await knex('recovery_points')
    .whereIn('job_id', [...jobIds])
    .orderBy('job_id')
    .forUpdate()
    .select('job_id');
};
