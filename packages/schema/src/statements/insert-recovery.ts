import type { CatalogSession } from '../catalog.ts';
import { insertedId } from '../inserted-id.ts';
import type { NewRow, RecoveryRow } from '../rows.ts';

/** Makes a pending recovery and returns its id. Violates `unique` when the request has made one. */
export const insertRecovery = async (
  { knex }: CatalogSession,
  recovery: NewRow<RecoveryRow, 'id' | 'status'>,
): Promise<number> => {
  return insertedId(await knex('recoveries').insert(recovery));
};
