import type { CatalogSession } from '../catalog.ts';

/** Makes the repository at this location known, or names its password's secret anew. */
export const upsertRepository = async (
  { knex }: CatalogSession,
  repository: { readonly location: string; readonly password_secret: string; readonly created_at: Date },
): Promise<void> => {
  await knex('repositories').insert(repository).onConflict('location').merge(['password_secret']);
};
