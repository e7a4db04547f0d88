import type { CatalogSession } from '../catalog.ts';
import type { NewRow, RecoveryPointRow } from '../rows.ts';

/** Records the recovery point of a completed job. */
export const insertRecoveryPoint = async ({ knex }: CatalogSession, point: NewRow<RecoveryPointRow>): Promise<void> => {
  await knex('recovery_points').insert(point);
};
