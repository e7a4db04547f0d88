import type { CatalogEngine } from '../catalog.ts';

/**
 * How an engine declares a column that means the same on both. Each function returns the column's name, type and the
 * checks that make SQLite refuse what MySQL's type refuses; nullability and default follow it in the statement. Names
 * and values are constants of the migrations.
 */
export interface ColumnTypes {
  readonly engine: CatalogEngine;
  /** The table's own number, given by the database, never given twice. */
  readonly id: (name: string) => string;
  /** A number of another table's row. */
  readonly reference: (name: string) => string;
  readonly integer: (name: string) => string;
  /** At most `length` characters. Compared byte for byte: case counts. */
  readonly text: (name: string, length: number) => string;
  /** A text that always has `length` characters, such as a hash. */
  readonly fixedText: (name: string, length: number) => string;
  /** One of `values`. */
  readonly choice: (name: string, values: readonly string[]) => string;
  readonly boolean: (name: string) => string;
  readonly json: (name: string) => string;
  /** A time in UTC with milliseconds. */
  readonly time: (name: string) => string;
  /** The default of a time that is the moment of insertion. */
  readonly now: string;
}

const listed = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

const mysql: ColumnTypes = {
  engine: 'mysql',
  id: (name) => `${name} bigint not null auto_increment primary key`,
  reference: (name) => `${name} bigint`,
  integer: (name) => `${name} int`,
  text: (name, length) => `${name} varchar(${length})`,
  fixedText: (name, length) => `${name} char(${length})`,
  choice: (name, values) => `${name} enum(${listed(values)})`,
  boolean: (name) => `${name} boolean`,
  json: (name) => `${name} json`,
  time: (name) => `${name} datetime(3)`,
  now: 'current_timestamp(3)',
};

const sqlite: ColumnTypes = {
  engine: 'sqlite',
  id: (name) => `${name} integer not null primary key autoincrement`,
  reference: (name) => `${name} integer`,
  integer: (name) => `${name} integer`,
  text: (name, length) => `${name} text check (length(${name}) <= ${length})`,
  fixedText: (name, length) => `${name} text check (length(${name}) <= ${length})`,
  choice: (name, values) => `${name} text check (${name} in (${listed(values)}))`,
  boolean: (name) => `${name} integer check (${name} in (0, 1))`,
  json: (name) => `${name} text check (json_valid(${name}))`,
  time: (name) => `${name} text check (${name} glob '????-??-??T??:??:??.???Z')`,
  now: "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
};

/** The column types of `engine`. */
export const columnTypesOf = (engine: CatalogEngine): ColumnTypes => (engine === 'mysql' ? mysql : sqlite);
