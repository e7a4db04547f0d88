import { readFileSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import { mariadb, type RunningCatalogEngine } from '@enterprise-backup/test-support/catalog-engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectCatalog, type MysqlCatalogSettings } from '../src/connect.ts';
import { migrate } from '../src/migrate.ts';
import { allMigrations } from '../src/migrations/all-migrations.ts';
import { mysqlSchemaSql } from '../src/mysql-schema-sql.ts';
import { describeSchema } from './describe-schema.ts';

const committed = readFileSync(new URL('../sql/mysql.sql', import.meta.url), 'utf8');

describe('the SQL for people who initialise by hand', () => {
  it('is what the migrations give', () => {
    expect(committed).toBe(mysqlSchemaSql());
  });

  it('holds nothing that only MariaDB understands', () => {
    // MySQL has neither conditional columns and indexes nor rows returned by writes.
    expect(committed).not.toMatch(/if (?:not )?exists|returning|without overlaps|page_checksum|uuid\b/i);
  });
});

describe.skipIf(!mariadb.available)('the SQL for people who initialise by hand, on MariaDB', () => {
  let running: RunningCatalogEngine;
  let settings: MysqlCatalogSettings;

  const runCommitted = async (): Promise<void> => {
    const { host, port, user, password, database } = settings;
    const client = await createConnection({ host, port, user, password, database, multipleStatements: true });
    try {
      await client.query(committed);
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    running = await mariadb.start();
  });

  afterAll(() => running.stop());

  it('makes the tables that migrate makes, after which migrate has nothing to do', async () => {
    const migrated = await connectCatalog(await running.emptyCatalog());
    await migrate(migrated);
    const expected = await describeSchema(migrated);
    await migrated.close();

    settings = (await running.emptyCatalog()) as MysqlCatalogSettings;
    await runCommitted();
    const catalog = await connectCatalog(settings);
    expect(await migrate(catalog)).toEqual({ applied: [], version: allMigrations.at(-1)?.name });
    expect(await describeSchema(catalog)).toEqual(expected);
    await catalog.close();
  });

  it('needs few rights, and the platform fewer once the tables are there', async () => {
    const administrator = (await running.emptyCatalog()) as MysqlCatalogSettings;
    const catalog = await connectCatalog(administrator);
    const database = administrator.database;
    await catalog.knex.raw("create user maker identified by 'maker', platform identified by 'platform'");
    await catalog.knex.raw(`grant create, references, insert on ${database}.* to maker`);
    await catalog.knex.raw(`grant select, insert, update, delete on ${database}.* to platform`);
    await catalog.close();

    settings = { ...administrator, user: 'maker', password: 'maker' };
    await runCommitted();
    const platform = await connectCatalog({ ...administrator, user: 'platform', password: 'platform' });
    expect((await migrate(platform)).applied).toEqual([]);
    await platform.knex('repositories').insert({ location: '/srv/points', password_secret: 'main' });
    expect(await platform.knex('repositories').delete()).toBe(1);
    await platform.close();
  });

  it('stops when the tables are there', async () => {
    await expect(runCommitted()).rejects.toThrow('already exists');
  });
});
