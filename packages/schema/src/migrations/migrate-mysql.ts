import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { Knex } from 'knex';
import type { Catalog } from '../catalog.ts';
import { columnTypesOf } from './column-types.ts';
import type { Migration, MigrationStep, SchemaObject } from './migration.ts';
import { createMigrationsTable } from './migrations-table.ts';
import { migrationsTable, pendingMigrations } from './pending-migrations.ts';
import { runStatement } from './run-statement.ts';

/** How long a migration waits for one in another process, in seconds. A lock ends with the session that holds it. */
const LOCK_WAIT_SECONDS = 120;

/** Locks are the server's, so the name carries the database, as a hash because a name has at most 64 characters. */
const LOCK_NAME = "concat('backup-catalog-migrate-', left(sha2(database(), 256), 32))";

const countQueries: Readonly<Record<SchemaObject['kind'], string>> = {
  table: 'select count(*) as found from information_schema.tables where table_schema = database() and table_name = ?',
  column:
    'select count(*) as found from information_schema.columns where table_schema = database() and table_name = ? and column_name = ?',
  index:
    'select count(*) as found from information_schema.statistics where table_schema = database() and table_name = ? and index_name = ?',
};

const bindingsOf = (object: SchemaObject): string[] => {
  if (object.kind === 'table') return [object.table];
  return [object.table, object.kind === 'column' ? object.column : object.index];
};

const exists = async (knex: Knex, object: SchemaObject): Promise<boolean> => {
  const rows = await knex.raw<{ found: number }[]>(countQueries[object.kind], bindingsOf(object));
  return (rows[0]?.found ?? 0) > 0;
};

const applyStep = async (knex: Knex, migration: string, step: MigrationStep): Promise<void> => {
  if (await exists(knex, step.makes)) return;
  for (const statement of step.statements) await runStatement(knex, migration, statement);
};

/**
 * Applies what is pending, while holding a named lock of the server. Each step is one statement, which takes effect
 * whole and at once; a migration is recorded after its last step, so a kill in between leaves tables that the next call
 * finds in information_schema and leaves alone. Returns the names that were applied.
 */
export const migrateMysql = (catalog: Catalog, migrations: readonly Migration[]): Promise<readonly string[]> =>
  // Knex's transaction is used to keep all statements on the session that holds the lock. The transaction itself is
  // ended at once, so that each record is kept before the lock is released: definitions commit by themselves anyway.
  catalog.knex.transaction(async (knex) => {
    await knex.raw('commit');
    const [lock] = await knex.raw<{ granted: number | null }[]>(`select get_lock(${LOCK_NAME}, ?) as granted`, [
      LOCK_WAIT_SECONDS,
    ]);
    if (lock?.granted !== 1) {
      throw new PlatformError(
        'MIGRATION_FAILED',
        `another migration of this database has not ended in ${LOCK_WAIT_SECONDS} seconds`,
      );
    }
    try {
      return await applyPending(knex, migrations);
    } finally {
      await knex.raw(`do release_lock(${LOCK_NAME})`);
    }
  });

const applyPending = async (knex: Knex, migrations: readonly Migration[]): Promise<readonly string[]> => {
  const types = columnTypesOf('mysql');
  await applyStep(knex, migrationsTable, createMigrationsTable('mysql'));
  const applied = await knex(migrationsTable).pluck<string[]>('name');
  const pending = pendingMigrations(migrations, applied);
  for (const migration of pending) {
    for (const step of migration.steps(types)) await applyStep(knex, migration.name, step);
    await knex(migrationsTable).insert({ name: migration.name });
  }
  return pending.map((migration) => migration.name);
};
