import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { Catalog } from './catalog.ts';
import { allMigrations } from './migrations/all-migrations.ts';
import { migrateMysql } from './migrations/migrate-mysql.ts';
import { migrateSqlite } from './migrations/migrate-sqlite.ts';
import type { Migration } from './migrations/migration.ts';

/** What `migrate` did. */
export interface MigrationOutcome {
  /** Names of the migrations that this call applied, in order; empty when the catalog was up to date. */
  readonly applied: readonly string[];
  /** Name of the newest migration, which is the version of the catalog now. */
  readonly version: string;
}

/**
 * Brings the catalog's tables to this version. Safe to repeat, safe when any number of processes do it at the same time
 * (one applies, the others wait and find nothing to do), and safe to kill at any moment: on SQLite nothing is kept then,
 * on MySQL the next call goes on after the last table that was made. Nothing is ever removed.
 *
 * @throws PlatformError MIGRATION_FAILED when the catalog is newer than this code, when another migration does not end,
 * or when the database refuses a statement; CATALOG_UNAVAILABLE when it cannot be reached.
 */
export const migrate = (catalog: Catalog): Promise<MigrationOutcome> => applyMigrations(catalog, allMigrations);

/** {@link migrate} with the migrations given: the list of another version. */
export const applyMigrations = async (
  catalog: Catalog,
  migrations: readonly Migration[],
): Promise<MigrationOutcome> => {
  const version = migrations.at(-1)?.name;
  if (version === undefined) throw new PlatformError('MIGRATION_FAILED', 'there is no migration to apply');
  const applied = await (catalog.engine === 'mysql' ? migrateMysql : migrateSqlite)(catalog, migrations);
  return { applied, version };
};
