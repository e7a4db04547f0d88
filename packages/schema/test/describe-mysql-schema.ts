import type { Catalog } from '../src/catalog.ts';
import { byName, grouped, type TableDescription } from './schema-description.ts';

interface ColumnInformation {
  readonly table_name: string;
  readonly column_name: string;
  readonly column_type: string;
  readonly is_nullable: 'YES' | 'NO';
  readonly column_default: string | null;
  readonly extra: string;
  readonly collation_name: string | null;
}

interface KeyInformation {
  readonly table_name: string;
  readonly index_name: string;
  readonly column_name: string;
  readonly non_unique: number;
}

interface ForeignKeyInformation {
  readonly table_name: string;
  readonly constraint_name: string;
  readonly column_name: string;
  readonly referenced_table_name: string;
  readonly referenced_column_name: string;
  readonly delete_rule: string;
}

const columnsQuery = `
  select table_name as table_name, column_name as column_name, column_type as column_type,
    is_nullable as is_nullable, column_default as column_default, extra as extra, collation_name as collation_name
  from information_schema.columns where table_schema = database() order by table_name, ordinal_position`;

const keysQuery = `
  select table_name as table_name, index_name as index_name, column_name as column_name, non_unique as non_unique
  from information_schema.statistics where table_schema = database() order by table_name, index_name, seq_in_index`;

const foreignKeysQuery = `
  select k.table_name as table_name, k.constraint_name as constraint_name, k.column_name as column_name,
    k.referenced_table_name as referenced_table_name, k.referenced_column_name as referenced_column_name,
    r.delete_rule as delete_rule
  from information_schema.key_column_usage k
  join information_schema.referential_constraints r
    on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name and r.table_name = k.table_name
  where k.table_schema = database() order by k.table_name, k.constraint_name, k.ordinal_position`;

/** MariaDB's JSON is a text with a check that MySQL's type implies. */
const jsonQuery = `
  select table_name as table_name, check_clause as check_clause
  from information_schema.check_constraints where constraint_schema = database()`;

/** MariaDB prints a default as it stands in a statement and the absent one of a nullable column as NULL. */
const defaultOf = (text: string | null): string | null => (text === 'NULL' ? null : text);

const columnNames = (rows: readonly { readonly column_name: string }[]): string[] => rows.map((row) => row.column_name);

/** Every table of the catalog's database, as MariaDB's information_schema has it. */
export const describeMysqlSchema = async ({ knex }: Catalog): Promise<TableDescription[]> => {
  const columns = await knex.raw<ColumnInformation[]>(columnsQuery);
  const keys = await knex.raw<KeyInformation[]>(keysQuery);
  const foreignKeys = await knex.raw<ForeignKeyInformation[]>(foreignKeysQuery);
  const checks = await knex.raw<{ readonly table_name: string; readonly check_clause: string }[]>(jsonQuery);
  const isJson = (table: string, column: string): boolean =>
    checks.some((check) => check.table_name === table && check.check_clause === `json_valid(\`${column}\`)`);

  return grouped(columns, (column) => column.table_name).map(([name, ofTable]) => {
    const keysOfTable = grouped(
      keys.filter((key) => key.table_name === name),
      (key) => key.index_name,
    );
    const named = (unique: boolean): { readonly name: string; readonly columns: string[] }[] =>
      keysOfTable
        .filter(([key, rows]) => key !== 'PRIMARY' && (rows[0]?.non_unique === 0) === unique)
        .map(([key, rows]) => ({ name: key, columns: columnNames(rows) }))
        .toSorted(byName);
    return {
      name,
      columns: ofTable.map((column) => ({
        name: column.column_name,
        type: [
          column.column_type,
          ...(column.collation_name === null ? [] : [column.collation_name]),
          ...(isJson(name, column.column_name) ? ['json_valid'] : []),
        ].join(' '),
        nullable: column.is_nullable === 'YES',
        default: defaultOf(column.column_default),
        generated: column.extra === 'auto_increment',
      })),
      primaryKey: columnNames(keysOfTable.find(([key]) => key === 'PRIMARY')?.[1] ?? []),
      unique: named(true),
      indexes: named(false),
      foreignKeys: grouped(
        foreignKeys.filter((key) => key.table_name === name),
        (key) => key.constraint_name,
      )
        .map(([key, rows]) => ({
          name: key,
          columns: columnNames(rows),
          references: {
            table: rows[0]?.referenced_table_name ?? '',
            columns: rows.map((row) => row.referenced_column_name),
          },
          onDelete: rows[0]?.delete_rule.toLowerCase() ?? '',
        }))
        .toSorted(byName),
    };
  });
};
