import type { CatalogSession } from '../catalog.ts';
import type { TargetSystemRow } from '../rows.ts';

/** The target system of this name, which no other transaction locks or changes until this one ends. */
export const lockTargetSystem = async (
  { knex }: CatalogSession,
  targetSystem: string,
): Promise<TargetSystemRow | undefined> =>
  knex('target_systems').where({ target_system: targetSystem }).forUpdate().first();
