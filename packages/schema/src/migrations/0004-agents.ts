import { createTable } from './create-table.ts';
import type { Migration } from './migration.ts';

/** The agents that were heard of. */
export const agents: Migration = {
  name: '0004_agents',
  steps: (types) => [
    createTable(types, {
      table: 'agents',
      lines: [
        `${types.text('agent_id', 255)} not null primary key`,
        `${types.text('host_name', 255)} not null`,
        `${types.text('version', 64)} not null`,
        `${types.choice('state', ['ready', 'busy', 'draining'])} not null default 'ready'`,
        `${types.time('last_seen_at')} not null`,
      ],
    }),
  ],
};
