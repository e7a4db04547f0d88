import type { CatalogSession } from '../catalog.ts';
import type { RecoveryPointRow } from '../rows.ts';

/** The recovery point of a job, also when retention has removed it. */
export const findRecoveryPoint = async (
  { knex }: CatalogSession,
  jobId: number,
): Promise<RecoveryPointRow | undefined> => knex('recovery_points').where({ job_id: jobId }).first();
