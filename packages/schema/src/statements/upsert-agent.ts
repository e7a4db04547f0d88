import type { CatalogSession } from '../catalog.ts';
import type { AgentRow, NewRow } from '../rows.ts';

/** Records what an agent says of itself. */
export const upsertAgent = async ({ knex }: CatalogSession, agent: Required<NewRow<AgentRow>>): Promise<void> => {
  await knex('agents').insert(agent).onConflict('agent_id').merge();
};
