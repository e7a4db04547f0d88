import { promisify } from 'node:util';
import type { Knex } from 'knex';
import Mysql2Client from 'knex/lib/dialects/mysql2/index.js';
import { toCatalogError } from './catalog-error.ts';
import { fromDriverResult, mysqlTime, timeFromMysql, toBinding } from './column-values.ts';

/**
 * What every session starts with: times in UTC, wrong values refused and not bent to fit, and no gap locks, which make
 * claims of different agents wait for each other. A statement that waits longer than ten seconds for a lock fails, and
 * `transaction` repeats it: the default of 50 seconds is longer than callers wait.
 */
const SESSION = [
  "time_zone = '+00:00'",
  "sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'",
  'innodb_lock_wait_timeout = 10',
].join(', ');

/** The part of a mysql2 connection that this client calls. */
interface MysqlConnection {
  query(sql: string, done: (error: Error | null) => void): unknown;
  destroy(): void;
}

/** A column's value as mysql2 offers it to `typeCast`. */
interface MysqlField {
  readonly type: string;
  string(): string | null;
}

/** What knex hands to a client to run, as far as this client reads it. */
interface KnexQuery {
  readonly method?: string;
  readonly output?: unknown;
  readonly response?: readonly unknown[];
}

/** For mysql2: times as RFC 3339; JSON as text, which MariaDB gives anyway and `fromDriverResult` parses. */
export const castMysqlValue = (field: MysqlField, next: () => unknown): unknown => {
  if (field.type === 'DATETIME' || field.type === 'TIMESTAMP') {
    const text = field.string();
    return text === null ? null : timeFromMysql(text);
  }
  return field.type === 'JSON' ? field.string() : next();
};

const setting = (client: Knex.Client, name: string): string => String(Reflect.get(client.connectionSettings, name));

const placeOf = (client: Knex.Client): string =>
  `${setting(client, 'database')} at ${setting(client, 'host')}:${setting(client, 'port')}`;

/** Whether this is the client that knex makes for one transaction. */
const isTransacting = (client: Knex.Client): boolean => Reflect.get(client, 'transacting') === true;

/** Knex's dialect for mysql2 with the session and the values that the catalog needs. */
export class MysqlClient extends Mysql2Client {
  override async acquireRawConnection(): Promise<MysqlConnection> {
    try {
      const connection = (await super.acquireRawConnection()) as MysqlConnection;
      try {
        const query = promisify(connection.query.bind(connection));
        await query(`SET SESSION ${SESSION}`);
        await query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
        return connection;
      } catch (error) {
        connection.destroy();
        throw error;
      }
    } catch (error) {
      throw toCatalogError(error, placeOf(this), false);
    }
  }

  override async acquireConnection(): Promise<unknown> {
    try {
      return (await super.acquireConnection()) as unknown;
    } catch (error) {
      throw toCatalogError(error, placeOf(this), false);
    }
  }

  override prepBindings(bindings: readonly unknown[] | undefined): unknown[] {
    return (bindings ?? []).map((value) => toBinding(value, mysqlTime));
  }

  override async query(connection: unknown, query: unknown): Promise<unknown> {
    try {
      return (await super.query(connection, query)) as unknown;
    } catch (error) {
      throw toCatalogError(error, placeOf(this), isTransacting(this));
    }
  }

  override processResponse(query: KnexQuery, runner: unknown): unknown {
    if (query.method !== 'raw' || query.output !== undefined) {
      return fromDriverResult(super.processResponse(query, runner));
    }
    const outcome = query.response?.[0];
    if (Array.isArray(outcome)) return fromDriverResult(outcome);
    const changes: unknown = typeof outcome === 'object' && outcome !== null ? Reflect.get(outcome, 'affectedRows') : 0;
    return { changes };
  }
}
