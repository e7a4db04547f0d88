import type { CatalogSession } from '../catalog.ts';

/** Removes the agents that were last heard before `since`. */
export const deleteSilentAgents = async ({ knex }: CatalogSession, since: Date): Promise<void> => {
  await knex('agents').where('last_seen_at', '<', since).delete();
};
