import { allMigrations } from './migrations/all-migrations.ts';
import { columnTypesOf } from './migrations/column-types.ts';
import { createMigrationsTable } from './migrations/migrations-table.ts';
import { migrationsTable } from './migrations/pending-migrations.ts';

const HEADER = `-- The tables of the catalog for MySQL 8.4 and MariaDB 10.6 or newer.
-- Generated from the migrations by "npm run schema-sql" in packages/schema: do not edit.
-- Run it once, in an empty database; it stops at the first table that is there already.
-- Afterwards the platform's own migration finds nothing to do, and applies what later versions add.
`;

/**
 * The statements that make the newest catalog in an empty MySQL database and record every migration as applied: for
 * people who initialise a database by hand. The same text each time.
 */
export const mysqlSchemaSql = (): string => {
  const types = columnTypesOf('mysql');
  const sections = allMigrations.map((migration) => {
    const statements = migration.steps(types).flatMap((step) => step.statements);
    const record = `insert into ${migrationsTable} (name) values ('${migration.name}')`;
    return [`-- ${migration.name}`, ...[...statements, record].map((statement) => `${statement};`)].join('\n\n');
  });
  const settings = "set time_zone = '+00:00'";
  const table = createMigrationsTable('mysql').statements.map((statement) => `${statement};`);
  return `${[HEADER + `\n${settings};`, ...table, ...sections].join('\n\n')}\n`;
};
