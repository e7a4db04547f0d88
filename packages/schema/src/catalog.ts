import type { Knex } from 'knex';
// Gives `session.knex('tasks')` and the other tables the types of their rows.
import type {} from './rows.ts';

/** The database engines that hold a catalog. MariaDB counts as MySQL. */
export type CatalogEngine = 'mysql' | 'sqlite';

/**
 * What a statement runs on: the catalog itself, or the open transaction that `transaction` hands to its work. The same
 * values go in and come out on both engines: bind a `Date` for a time, a boolean, and any object or array for a JSON
 * column; read a time as an RFC 3339 string in UTC with milliseconds, a boolean, and the parsed JSON value.
 */
export interface CatalogSession {
  readonly engine: CatalogEngine;
  readonly knex: Knex;
}

/** An open catalog. On SQLite a process has one connection: inside a transaction only its own session may be used. */
export interface Catalog extends CatalogSession {
  /** Ends every connection; running statements are waited for. Safe to repeat. */
  close(): Promise<void>;
}
