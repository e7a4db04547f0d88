import type { Catalog } from '../catalog.ts';
import { transaction } from '../transaction.ts';
import { columnTypesOf } from './column-types.ts';
import type { Migration } from './migration.ts';
import { createMigrationsTable } from './migrations-table.ts';
import { migrationsTable, pendingMigrations } from './pending-migrations.ts';
import { runStatement } from './run-statement.ts';

/**
 * Applies what is pending in one transaction, which holds SQLite's write lock from its start: others wait, and a kill
 * leaves nothing. Returns the names that were applied.
 */
export const migrateSqlite = (catalog: Catalog, migrations: readonly Migration[]): Promise<readonly string[]> =>
  transaction(catalog, async ({ knex, engine }) => {
    const types = columnTypesOf(engine);
    if (!(await knex.schema.hasTable(migrationsTable))) {
      for (const statement of createMigrationsTable(engine).statements) {
        await runStatement(knex, migrationsTable, statement);
      }
    }
    const applied = await knex(migrationsTable).pluck<string[]>('name');
    const pending = pendingMigrations(migrations, applied);
    for (const migration of pending) {
      for (const step of migration.steps(types)) {
        for (const statement of step.statements) await runStatement(knex, migration.name, statement);
      }
      await knex(migrationsTable).insert({ name: migration.name });
    }
    return pending.map((migration) => migration.name);
  });
