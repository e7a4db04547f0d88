import type { CatalogSession } from '../catalog.ts';
import type { RecoveryRow } from '../rows.ts';

/** The recovery with this id, which no other transaction locks or changes until this one ends. */
export const lockRecovery = async ({ knex }: CatalogSession, id: number): Promise<RecoveryRow | undefined> =>
  knex('recoveries').where({ id }).forUpdate().first();
