import type { CatalogSession } from '../catalog.ts';
import type { RecoveryPointRow } from '../rows.ts';

/** The recovery point of a job, which no other transaction locks or changes until this one ends. */
export const lockRecoveryPoint = async (
  { knex }: CatalogSession,
  jobId: number,
): Promise<RecoveryPointRow | undefined> => knex('recovery_points').where({ job_id: jobId }).forUpdate().first();
