import { createTable } from './create-table.ts';
import type { Migration } from './migration.ts';

/** Where points are kept, what is protected, and where recoveries go. */
export const systems: Migration = {
  name: '0001_systems',
  steps: (types) => [
    createTable(types, {
      table: 'repositories',
      lines: [
        types.id('id'),
        `${types.text('location', 700)} not null`,
        `${types.text('password_secret', 2048)} not null`,
        `${types.time('created_at')} not null default ${types.now}`,
        'constraint repositories_location unique (location)',
      ],
    }),
    createTable(types, {
      table: 'source_systems',
      lines: [
        types.id('id'),
        `${types.text('source_system', 63)} not null`,
        `${types.text('kind', 63)} not null`,
        `${types.json('settings')} not null`,
        `${types.reference('repository_id')} not null`,
        `${types.time('created_at')} not null default ${types.now}`,
        `${types.time('updated_at')} not null default ${types.now}`,
        'constraint source_systems_name unique (source_system)',
        'constraint source_systems_repository foreign key (repository_id) references repositories (id)',
      ],
      indexes: { source_systems_repository: 'repository_id' },
    }),
    createTable(types, {
      table: 'target_systems',
      lines: [
        types.id('id'),
        `${types.text('target_system', 63)} not null`,
        `${types.text('kind', 63)} not null`,
        `${types.json('settings')} not null`,
        `${types.time('created_at')} not null default ${types.now}`,
        `${types.time('updated_at')} not null default ${types.now}`,
        'constraint target_systems_name unique (target_system)',
      ],
    }),
  ],
};
