import type { ColumnTypes } from './column-types.ts';
import type { MigrationStep } from './migration.ts';

interface TableDefinition {
  readonly table: string;
  /** Columns and constraints, one line each. */
  readonly lines: readonly string[];
  /** Columns of each index that is not unique, by the index's name. */
  readonly indexes?: Readonly<Record<string, string>>;
}

/**
 * The step that makes a table with all that belongs to it. MySQL takes it as one statement, and compares text by its
 * bytes as SQLite does; SQLite holds values to their declared types as MySQL does, and makes indexes apart.
 */
export const createTable = (types: ColumnTypes, definition: TableDefinition): MigrationStep => {
  const { table, lines, indexes = {} } = definition;
  const makes = { kind: 'table', table } as const;
  const body = (all: readonly string[]): string => all.map((line) => `  ${line}`).join(',\n');
  if (types.engine === 'sqlite') {
    const created = Object.entries(indexes).map(([name, columns]) => `create index ${name} on ${table} (${columns})`);
    return { makes, statements: [`create table ${table} (\n${body(lines)}\n) strict`, ...created] };
  }
  const keys = Object.entries(indexes).map(([name, columns]) => `index ${name} (${columns})`);
  const options = 'engine = InnoDB default character set = utf8mb4 collate = utf8mb4_bin';
  return { makes, statements: [`create table ${table} (\n${body([...lines, ...keys])}\n) ${options}`] };
};
