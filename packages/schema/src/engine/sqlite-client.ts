import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';
import BetterSqlite3Client from 'knex/lib/dialects/better-sqlite3/index.js';
import SqliteTransaction from 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js';
import { isContention, toCatalogError } from './catalog-error.ts';
import { fromDriverResult, sqliteTime, toBinding } from './column-values.ts';

/** How long SQLite itself waits for another process that writes, in milliseconds. This process stands still meanwhile. */
const BUSY_TIMEOUT_MS = 50;

/** After that the process does its other work before the next attempt: together about fifteen seconds. */
const BUSY_ATTEMPTS = 200;
const BUSY_PAUSE_MS = 25;

/** What knex hands to a client to run, as far as this client reads it, and where the client puts the outcome. */
interface KnexQuery {
  readonly sql: string;
  readonly bindings?: readonly SQLInputValue[];
  response?: unknown;
  context?: { readonly lastID: number; readonly changes: number };
}

const filenameOf = (client: Knex.Client): string => String(Reflect.get(client.connectionSettings, 'filename'));

const placeOf = (client: Knex.Client): string => `in the file ${filenameOf(client)}`;

/** A transaction that takes the write lock at once: one that reads first cannot get it later when another wrote. */
class ImmediateTransaction extends SqliteTransaction {
  override begin(connection: unknown): unknown {
    return this.query(connection, 'BEGIN IMMEDIATE;');
  }
}

/** Runs `work`, again after a pause as long as another connection holds the file and this one holds no lock on it. */
const whenFree = async <Result>(database: DatabaseSync, work: () => Result): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return work();
    } catch (error) {
      if (!isContention(error) || database.isTransaction || attempt === BUSY_ATTEMPTS) throw error;
      await delay(BUSY_PAUSE_MS);
    }
  }
};

/**
 * Brings a connection to write-ahead logging, in which readers and the one writer do not wait for each other, and to
 * commits that survive a loss of power and not only the death of the process.
 */
const prepared = async (database: DatabaseSync): Promise<DatabaseSync> => {
  await whenFree(database, () => {
    database.exec('PRAGMA journal_mode = WAL');
  });
  database.exec('PRAGMA synchronous = FULL');
  return database;
};

/** The rows of an insert without what is undefined: MySQL takes the column's default for it, SQLite has no word for it. */
const withoutUndefined = (rows: unknown): unknown => {
  if (Array.isArray(rows)) return rows.map(withoutUndefined);
  if (typeof rows !== 'object' || rows === null || Object.getPrototypeOf(rows) !== Object.prototype) return rows;
  return Object.fromEntries(Object.entries(rows).filter(([, value]) => value !== undefined));
};

/** Whether this is the client that knex makes for one transaction. */
const isTransacting = (client: Knex.Client): boolean => Reflect.get(client, 'transacting') === true;

/** Knex's SQLite dialect over Node's own SQLite. `connection.filename` is the file. */
export class SqliteClient extends BetterSqlite3Client {
  override _driver(): unknown {
    return DatabaseSync;
  }

  override async acquireRawConnection(): Promise<DatabaseSync> {
    const filename = filenameOf(this);
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(filename, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
      return await prepared(database);
    } catch (error) {
      database?.close();
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

  override destroyRawConnection(connection: DatabaseSync): Promise<void> {
    connection.close();
    return Promise.resolve();
  }

  override transaction(container: unknown, config: unknown, outerTransaction: unknown): Knex.Transaction {
    return new ImmediateTransaction(this, container, config, outerTransaction) as unknown as Knex.Transaction;
  }

  override queryCompiler(builder: unknown, formatter?: unknown): ReturnType<BetterSqlite3Client['queryCompiler']> {
    const compiler = super.queryCompiler(builder, formatter);
    const prepareInsert = compiler._prepInsert.bind(compiler);
    compiler._prepInsert = (rows) => prepareInsert(withoutUndefined(rows));
    // A transaction holds the only write lock there is: no row can be locked by another.
    compiler.skipLocked = () => '';
    return compiler;
  }

  override prepBindings(bindings: readonly unknown[] | undefined): unknown[] {
    return (bindings ?? []).map((value) => toBinding(value, sqliteTime));
  }

  override async query(connection: unknown, query: unknown): Promise<unknown> {
    try {
      return (await super.query(connection, query)) as unknown;
    } catch (error) {
      throw toCatalogError(error, placeOf(this), isTransacting(this));
    }
  }

  override _query(connection: DatabaseSync, query: KnexQuery): Promise<KnexQuery> {
    const bindings = query.bindings ?? [];
    return whenFree(connection, () => {
      const statement = connection.prepare(query.sql);
      if (statement.columns().length > 0) {
        query.response = statement.all(...bindings);
      } else {
        const { changes, lastInsertRowid } = statement.run(...bindings);
        query.response = { changes: Number(changes) };
        query.context = { changes: Number(changes), lastID: Number(lastInsertRowid) };
      }
      return query;
    });
  }

  override processResponse(query: KnexQuery, runner: unknown): unknown {
    return fromDriverResult(super.processResponse(query, runner));
  }
}
