import type { CatalogSession } from '../catalog.ts';
import type { RepositoryRow } from '../rows.ts';

/** The repository with this id. */
export const findRepository = async ({ knex }: CatalogSession, id: number): Promise<RepositoryRow | undefined> =>
  knex('repositories').where({ id }).first();
