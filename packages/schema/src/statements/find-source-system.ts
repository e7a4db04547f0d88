import type { CatalogSession } from '../catalog.ts';
import type { SourceSystemRow } from '../rows.ts';

/** The source system of this name. */
export const findSourceSystem = async (
  { knex }: CatalogSession,
  sourceSystem: string,
): Promise<SourceSystemRow | undefined> => knex('source_systems').where({ source_system: sourceSystem }).first();
