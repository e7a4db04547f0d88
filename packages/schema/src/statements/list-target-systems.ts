import type { CatalogSession } from '../catalog.ts';
import type { TargetSystemRow } from '../rows.ts';

/** Every target system, by name. */
export const listTargetSystems = async ({ knex }: CatalogSession): Promise<TargetSystemRow[]> =>
  knex('target_systems').select().orderBy('target_system');
