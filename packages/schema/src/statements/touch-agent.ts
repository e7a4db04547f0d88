import type { CatalogSession } from '../catalog.ts';

/** Records that an agent was heard. */
export const touchAgent = async ({ knex }: CatalogSession, agentId: string, now: Date): Promise<void> => {
  await knex('agents').where({ agent_id: agentId }).update({ last_seen_at: now });
};
