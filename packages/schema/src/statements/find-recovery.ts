import type { CatalogSession } from '../catalog.ts';
import type { RecoveryRow } from '../rows.ts';

/** The recovery with this id. */
export const findRecovery = async ({ knex }: CatalogSession, id: number): Promise<RecoveryRow | undefined> =>
  knex('recoveries').where({ id }).first();
