import type { CatalogSession } from '../catalog.ts';
import type { SourceSystemRow } from '../rows.ts';

/** Every source system, by name. */
export const listSourceSystems = async ({ knex }: CatalogSession): Promise<SourceSystemRow[]> =>
  knex('source_systems').select().orderBy('source_system');
