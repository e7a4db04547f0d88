import type { Catalog } from '../src/catalog.ts';
import { byName, grouped, type KeyDescription, type TableDescription } from './schema-description.ts';

interface ColumnInformation {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
}

interface IndexInformation {
  readonly name: string;
  readonly unique: number;
  /** `c` made by CREATE INDEX, `u` by a UNIQUE constraint, `pk` by the primary key. */
  readonly origin: 'c' | 'u' | 'pk';
}

interface ForeignKeyInformation {
  readonly id: number;
  readonly table: string;
  readonly from: string;
  readonly to: string;
  readonly on_delete: string;
}

/** SQLite keeps the names and checks of a table only in its statement, in which each column and key has a line. */
const lineOf = (statement: string, start: string): string =>
  statement
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line.startsWith(start)) ?? '';

const checkOf = (statement: string, column: string): string => {
  const check = /check \((?<check>.*)\) (?:not )?null/.exec(lineOf(statement, `${column} `))?.groups?.['check'];
  return check === undefined ? '' : ` check (${check})`;
};

const constraintName = (statement: string, definition: string): string => {
  const line = statement
    .split('\n')
    .map((text) => text.trim())
    .find((text) => text.startsWith('constraint ') && text.includes(` ${definition}`));
  return line?.split(' ')[1] ?? '';
};

const describeTable = async (
  { knex }: Catalog,
  table: { readonly name: string; readonly sql: string },
): Promise<TableDescription> => {
  const columns = await knex.raw<ColumnInformation[]>('select * from pragma_table_info(?)', [table.name]);
  const indexes = await knex.raw<IndexInformation[]>('select * from pragma_index_list(?)', [table.name]);
  const foreignKeys = await knex.raw<ForeignKeyInformation[]>(
    'select * from pragma_foreign_key_list(?) order by id, seq',
    [table.name],
  );
  const keys = await Promise.all(
    indexes.map(async (index) => {
      const rows = await knex.raw<{ readonly name: string }[]>('select name from pragma_index_info(?) order by seqno', [
        index.name,
      ]);
      return { ...index, columns: rows.map((row) => row.name) };
    }),
  );
  const strict = table.sql.endsWith(') strict');
  return {
    name: table.name,
    columns: columns.map((column) => ({
      name: column.name,
      type: `${column.type.toLowerCase()}${strict ? '' : ' without strict'}${checkOf(table.sql, column.name)}`,
      nullable: column.notnull === 0,
      default: column.dflt_value,
      generated: lineOf(table.sql, `${column.name} `).includes('autoincrement'),
    })),
    primaryKey: columns.filter((column) => column.pk > 0).map((column) => column.name),
    unique: keys
      .filter((key) => key.origin === 'u')
      .map((key): KeyDescription => ({
        name: constraintName(table.sql, `unique (${key.columns.join(', ')})`),
        columns: key.columns,
      }))
      .toSorted(byName),
    indexes: keys
      .filter((key) => key.origin === 'c')
      .map((key): KeyDescription => ({ name: key.name, columns: key.columns }))
      .toSorted(byName),
    foreignKeys: grouped(foreignKeys, (key) => String(key.id))
      .map(([, rows]) => {
        const from = rows.map((row) => row.from);
        return {
          name: constraintName(table.sql, `foreign key (${from.join(', ')})`),
          columns: from,
          references: { table: rows[0]?.table ?? '', columns: rows.map((row) => row.to) },
          onDelete: rows[0]?.on_delete.toLowerCase() ?? '',
        };
      })
      .toSorted(byName),
  };
};

/** Every table of the catalog's file, as SQLite describes it. */
export const describeSqliteSchema = async (catalog: Catalog): Promise<TableDescription[]> => {
  const tables = await catalog.knex.raw<{ readonly name: string; readonly sql: string }[]>(
    "select name, sql from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name",
  );
  return Promise.all(tables.map((table) => describeTable(catalog, table)));
};
