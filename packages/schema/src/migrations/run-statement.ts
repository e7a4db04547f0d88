import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { Knex } from 'knex';
import { isContention } from '../engine/catalog-error.ts';

/**
 * Runs one statement of a migration.
 *
 * @throws PlatformError MIGRATION_FAILED with the database's own words when it refuses the statement.
 */
export const runStatement = async (knex: Knex, migration: string, statement: string): Promise<void> => {
  try {
    await knex.raw(statement);
  } catch (error) {
    if (error instanceof PlatformError || isContention(error) || !(error instanceof Error)) throw error;
    // Knex puts the statement before the message; a sentence has no room for a table's definition.
    const reason = error.message.replace(`${statement} - `, '');
    throw new PlatformError('MIGRATION_FAILED', `the migration ${migration} failed: ${reason}`, { cause: error });
  }
};
