import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { inspect } from 'node:util';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { type MariadbServer, startMariadbServer } from '@enterprise-backup/test-support/mariadb-server';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Catalog } from '../src/catalog.ts';
import { type CatalogSettings, connectCatalog, type MysqlCatalogSettings } from '../src/connect.ts';
import { migrate } from '../src/migrate.ts';
import { transaction } from '../src/transaction.ts';

const opened = async (settings: CatalogSettings): Promise<Catalog> => {
  const catalog = await connectCatalog(settings);
  onTestFinished(() => catalog.close());
  return catalog;
};

/** The CATALOG_UNAVAILABLE that a promise is rejected with; fails the test for anything else. */
const unavailable = async (promise: PromiseLike<unknown>): Promise<PlatformError> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'CATALOG_UNAVAILABLE') return error;
    throw error;
  }
  return expect.fail('nothing was thrown');
};

describe('connectCatalog on SQLite', () => {
  it('keeps foreign keys, logs ahead and flushes commits', async () => {
    const { knex } = await opened({ engine: 'sqlite', file: join(temporaryDirectoryForTest('connect'), 'c.sqlite') });
    expect(await knex.raw('pragma foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    expect(await knex.raw('pragma journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await knex.raw('pragma synchronous')).toEqual([{ synchronous: 2 }]);
  });

  it('refuses a file in a folder that is not there', async () => {
    const file = join(temporaryDirectoryForTest('connect'), 'missing', 'c.sqlite');
    expect((await unavailable(connectCatalog({ engine: 'sqlite', file }))).message).toContain(file);
  });

  it('refuses a file that is no database and leaves it as it is', async () => {
    const file = join(temporaryDirectoryForTest('connect'), 'c.sqlite');
    const text = 'a text that somebody wrote\n'.repeat(100);
    writeFileSync(file, text);
    expect((await unavailable(connectCatalog({ engine: 'sqlite', file }))).message).toContain('not a database');
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('waits for a writer of another connection while the process does other work', async () => {
    const file = join(temporaryDirectoryForTest('connect'), 'c.sqlite');
    const catalog = await opened({ engine: 'sqlite', file });
    await migrate(catalog);
    const writer = new DatabaseSync(file);
    onTestFinished(() => {
      writer.close();
    });
    const order: string[] = [];
    const write = async (name: string, work: () => PromiseLike<unknown>): Promise<void> => {
      await work();
      order.push(name);
    };
    const insert = { location: '/srv/one', password_secret: 'main' };

    writer.exec('BEGIN IMMEDIATE');
    const alone = write('statement', () => catalog.knex('repositories').insert(insert));
    await delay(200);
    order.push('writer ended');
    writer.exec('COMMIT');
    await alone;

    writer.exec('BEGIN IMMEDIATE');
    const inTransaction = write('transaction', () =>
      transaction(catalog, ({ knex }) => knex('repositories').update({ password_secret: 'other' })),
    );
    await delay(200);
    order.push('writer ended');
    writer.exec('COMMIT');
    await inTransaction;
    expect(order).toEqual(['writer ended', 'statement', 'writer ended', 'transaction']);
  });
});

describe.skipIf(!hasTool('mariadbd'))('connectCatalog on MariaDB', () => {
  const secret = 'never-in-a-message-7f3a';
  let server: MariadbServer;
  let settings: MysqlCatalogSettings;

  const administrate = async (...statements: readonly string[]): Promise<void> => {
    const catalog = await connectCatalog({ engine: 'mysql', tls: 'off', ...server.connection, database: 'mysql' });
    for (const statement of statements) await catalog.knex.raw(statement);
    await catalog.close();
  };

  beforeAll(async () => {
    server = await startMariadbServer();
    const { host, port, database } = await server.createDatabase('connect');
    await administrate(
      `create user operator identified by '${secret}'`,
      'grant all on connect.* to operator',
      "set global time_zone = '+05:45'",
      "set global sql_mode = ''",
    );
    settings = { engine: 'mysql', host, port, user: 'operator', password: secret, database, tls: 'off' };
  });

  afterAll(() => server.stop());

  it('brings every session to UTC, strict values and READ COMMITTED, whatever the server has', async () => {
    const { knex } = await opened(settings);
    const query = `select @@session.time_zone as zone, @@session.sql_mode as mode, @@session.tx_isolation as isolation,
      @@session.character_set_client as client, timestampdiff(minute, utc_timestamp(), now()) as minutes`;
    const sessions = await Promise.all([knex.raw<object[]>(query), knex.raw<object[]>(query)]);
    for (const session of sessions.flat()) {
      expect(session).toMatchObject({ zone: '+00:00', isolation: 'READ-COMMITTED', client: 'utf8mb4', minutes: 0 });
      expect(session).toHaveProperty('mode', expect.stringContaining('STRICT_ALL_TABLES'));
    }
  });

  it.each<[string, Partial<MysqlCatalogSettings>, string]>([
    ['a wrong password', { password: `${secret}-wrong` }, 'ER_ACCESS_DENIED_ERROR'],
    ['a user that is not there', { user: 'nobody' }, 'ER_ACCESS_DENIED_ERROR'],
    ['a database without rights', { database: 'mysql' }, 'ER_DBACCESS_DENIED_ERROR'],
    ['a port where nothing answers', { port: 1 }, 'ECONNREFUSED'],
    ['a host that is not there', { host: 'no-such-host.invalid' }, 'ENOTFOUND'],
    ['a server without TLS when it is wanted', { tls: 'rds' }, 'HANDSHAKE_NO_SSL_SUPPORT'],
    ['a server without TLS when an authority is given', { tls: { ca: '' } }, 'HANDSHAKE_NO_SSL_SUPPORT'],
  ])('refuses %s and does not tell the password', async (_what, change, reason) => {
    const wrong = { ...settings, ...change };
    const error = await unavailable(connectCatalog(wrong));
    expect(error.message).toContain(reason);
    expect(error.message).toContain(wrong.host);
    expect(inspect(error, { depth: 20 })).not.toContain(secret);
  });

  it('does not tell the password when the catalog is printed', async () => {
    const catalog = await opened(settings);
    expect(inspect(catalog, { depth: 20 })).not.toContain(secret);
    expect(inspect(catalog.knex.client, { depth: 20 })).not.toContain(secret);
  });

  it('does not tell the values of a statement that fails', async () => {
    const catalog = await opened(settings);
    const failed = catalog.knex.raw('select ? from missing_table', [secret]);
    const error = await failed.then(
      () => expect.fail('nothing was thrown'),
      (thrown: unknown) => thrown,
    );
    expect(String(error)).toContain('missing_table');
    expect(String(error)).not.toContain(secret);
  });

  it('replaces connections that the server ended', async () => {
    const catalog = await opened(settings);
    const [session] = await catalog.knex.raw<{ id: number }[]>('select connection_id() as id');
    await administrate(`kill ${session?.id ?? 0}`);
    // The statement that meets the end may fail; the next one has a new connection.
    const answers: unknown[] = [];
    for (let attempt = 0; attempt < 3 && answers.length === 0; attempt += 1) {
      await catalog.knex.raw<object[]>('select 1 as one').then(
        (rows) => answers.push(rows),
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'CATALOG_UNAVAILABLE' });
        },
      );
    }
    expect(answers).toEqual([[{ one: 1 }]]);
  });

  it('reports a transaction whose connection ends', async () => {
    const catalog = await opened(settings);
    await unavailable(
      transaction(catalog, async ({ knex }) => {
        const [session] = await knex.raw<{ id: number }[]>('select connection_id() as id');
        await administrate(`kill ${session?.id ?? 0}`);
        await knex.raw('select 1');
      }),
    );
    const thrown = new RangeError('stop');
    const ended = transaction(catalog, async ({ knex }) => {
      const [session] = await knex.raw<{ id: number }[]>('select connection_id() as id');
      await administrate(`kill ${session?.id ?? 0}`);
      throw thrown;
    });
    await expect(ended).rejects.toBe(thrown);
    expect(await catalog.knex.raw('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('reports a server that has stopped', async () => {
    const catalog = await opened(settings);
    await server.stop();
    await unavailable(catalog.knex.raw('select 1'));
    await unavailable(transaction(catalog, ({ knex }) => knex.raw('select 1')));
    await unavailable(migrate(catalog));
  });
});
