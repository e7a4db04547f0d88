import type { CatalogSession } from '../catalog.ts';
import type { TargetSystemRow } from '../rows.ts';

/** The target system of this name. */
export const findTargetSystem = async (
  { knex }: CatalogSession,
  targetSystem: string,
): Promise<TargetSystemRow | undefined> => knex('target_systems').where({ target_system: targetSystem }).first();
