/** The parts of knex's dialects that this package extends; knex ships no types for them. */
declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import { Knex } from 'knex';

  interface SqliteQueryCompiler {
    _prepInsert(rows: unknown): unknown;
    skipLocked(): string;
  }

  class BetterSqlite3Client extends Knex.Client {
    override queryCompiler(builder: unknown, formatter?: unknown): SqliteQueryCompiler;
    _driver(): unknown;
    _query(connection: unknown, query: unknown): Promise<unknown>;
    processResponse(query: unknown, runner: unknown): unknown;
  }
  export = BetterSqlite3Client;
}

declare module 'knex/lib/dialects/mysql2/index.js' {
  import { Knex } from 'knex';

  class Mysql2Client extends Knex.Client {
    processResponse(query: unknown, runner: unknown): unknown;
  }
  export = Mysql2Client;
}

declare module 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js' {
  class SqliteTransaction {
    constructor(client: unknown, container: unknown, config: unknown, outerTransaction: unknown);
    begin(connection: unknown): unknown;
    query(connection: unknown, sql: string): unknown;
  }
  export = SqliteTransaction;
}
