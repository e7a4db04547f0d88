import type { CatalogSession } from '../catalog.ts';
import type { RepositoryRow } from '../rows.ts';

/** The repository at exactly this location. */
export const findRepositoryByLocation = async (
  { knex }: CatalogSession,
  location: string,
): Promise<RepositoryRow | undefined> => knex('repositories').where({ location }).first();
