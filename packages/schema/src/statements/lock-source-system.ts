import type { CatalogSession } from '../catalog.ts';
import type { SourceSystemRow } from '../rows.ts';

/** The source system of this name, which no other transaction locks or changes until this one ends. */
export const lockSourceSystem = async (
  { knex }: CatalogSession,
  sourceSystem: string,
): Promise<SourceSystemRow | undefined> =>
  knex('source_systems').where({ source_system: sourceSystem }).forUpdate().first();
