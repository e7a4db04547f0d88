import { columnTypesOf } from './column-types.ts';
import { createTable } from './create-table.ts';
import type { CatalogEngine } from '../catalog.ts';
import type { MigrationStep } from './migration.ts';
import { migrationsTable } from './pending-migrations.ts';

/** The step that makes the table of applied migrations, which is there before the first of them. */
export const createMigrationsTable = (engine: CatalogEngine): MigrationStep => {
  const types = columnTypesOf(engine);
  return createTable(types, {
    table: migrationsTable,
    lines: [
      `${types.text('name', 255)} not null primary key`,
      `${types.time('applied_at')} not null default ${types.now}`,
    ],
  });
};
