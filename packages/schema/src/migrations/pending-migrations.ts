import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { Migration } from './migration.ts';

/** The table in which each applied migration has a row. */
export const migrationsTable = 'schema_migrations';

/**
 * The migrations of `known` that are not among the `applied` names, in order.
 *
 * @throws PlatformError MIGRATION_FAILED when the catalog holds a migration that this code does not know.
 */
export const pendingMigrations = (known: readonly Migration[], applied: readonly string[]): readonly Migration[] => {
  const names = new Set(known.map((migration) => migration.name));
  const strangers = applied.filter((name) => !names.has(name)).toSorted();
  if (strangers.length > 0) {
    throw new PlatformError(
      'MIGRATION_FAILED',
      `the catalog was migrated by a newer version of the platform (${strangers.join(', ')}): use that version`,
    );
  }
  const done = new Set(applied);
  return known.filter((migration) => !done.has(migration.name));
};
