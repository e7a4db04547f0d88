import type { CatalogSession } from '../catalog.ts';
import type { AgentRow } from '../rows.ts';

/** An agent, and how many tasks it holds under a lease that has not ended. */
export type AgentWithTasks = AgentRow & { readonly held_tasks: number };

/** Every agent that was heard of, by id. */
export const listAgents = async ({ knex }: CatalogSession, now: Date): Promise<AgentWithTasks[]> =>
  knex('agents')
    .select<AgentWithTasks[]>(
      'agents.*',
      knex.raw(
        `(select count(*) from tasks
          where tasks.lease_owner = agents.agent_id and tasks.status = 'running' and tasks.lease_expires_at > ?) as held_tasks`,
        [now],
      ),
    )
    .orderBy('agent_id');
