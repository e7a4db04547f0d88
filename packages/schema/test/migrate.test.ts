import { type RunningCatalogEngine, catalogEngines } from '@enterprise-backup/test-support/catalog-engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../src/catalog.ts';
import { connectCatalog, type CatalogSettings } from '../src/connect.ts';
import { applyMigrations, migrate } from '../src/migrate.ts';
import { allMigrations } from '../src/migrations/all-migrations.ts';
import { createTable } from '../src/migrations/create-table.ts';
import type { Migration } from '../src/migrations/migration.ts';
import { describeSchema } from './describe-schema.ts';
import { startMigrateProcess } from './migrate-process-control.ts';
import type { TableDescription } from './schema-description.ts';

const PROCESS_LIMIT_MS = 300_000;
const names = allMigrations.map((migration) => migration.name);
const newest = names.at(-1);

/** The writes of a first migration: its own table, each table, each record; on SQLite also each index. */
const writesOfFirst = (engine: Catalog['engine'], tables: readonly TableDescription[]): number => {
  const indexes = engine === 'sqlite' ? tables.flatMap((table) => table.indexes).length : 0;
  return tables.length + indexes + names.length;
};

const withCatalog = async <Result>(
  settings: CatalogSettings,
  work: (catalog: Catalog) => Promise<Result>,
): Promise<Result> => {
  const catalog = await connectCatalog(settings);
  try {
    return await work(catalog);
  } finally {
    await catalog.close();
  }
};

/** A change as a later version could make it: a table, a column and an index, one after the other. */
const later: Migration = {
  name: '9999_later',
  steps: (types) => [
    createTable(types, { table: 'drills', lines: [types.id('id'), `${types.time('due_at')} null`] }),
    {
      makes: { kind: 'column', table: 'agents', column: 'zone' },
      statements: [`alter table agents add column ${types.text('zone', 63)} not null default 'a'`],
    },
    {
      makes: { kind: 'index', table: 'agents', index: 'agents_zone' },
      statements: ['create index agents_zone on agents (zone)'],
    },
  ],
};

for (const engine of catalogEngines) {
  describe.skipIf(!engine.available)(`migrate on ${engine.name}`, () => {
    let running: RunningCatalogEngine;
    let complete: TableDescription[];

    beforeAll(async () => {
      running = await engine.start();
      complete = await withCatalog(await running.emptyCatalog(), async (catalog) => {
        await migrate(catalog);
        return describeSchema(catalog);
      });
    });

    afterAll(() => running.stop());

    it('applies everything in order, and nothing when it is repeated', async () => {
      await withCatalog(await running.emptyCatalog(), async (catalog) => {
        expect(await migrate(catalog)).toEqual({ applied: names, version: newest });
        expect(await migrate(catalog)).toEqual({ applied: [], version: newest });
        expect(await catalog.knex('schema_migrations').pluck('name').orderBy('name')).toEqual(names);
      });
    });

    it('keeps what is stored when a later version migrates', async () => {
      await withCatalog(await running.emptyCatalog(), async (catalog) => {
        await migrate(catalog);
        await catalog.knex('repositories').insert({ location: '/srv/points', password_secret: 'main' });
        expect((await applyMigrations(catalog, [...allMigrations, later])).applied).toEqual([later.name]);
        expect(await catalog.knex('repositories').pluck('location')).toEqual(['/srv/points']);
      });
    });

    it('refuses a catalog that a later version migrated', async () => {
      await withCatalog(await running.emptyCatalog(), async (catalog) => {
        await applyMigrations(catalog, [...allMigrations, later]);
        const refusal = expect.objectContaining({
          code: 'MIGRATION_FAILED',
          message: expect.stringContaining(later.name) as unknown,
        }) as unknown;
        await expect(migrate(catalog)).rejects.toEqual(refusal);
      });
    });

    it('reports a statement that the database refuses and goes on when it is mended', async () => {
      await withCatalog(await running.emptyCatalog(), async (catalog) => {
        await migrate(catalog);
        const broken: Migration = {
          name: later.name,
          steps: (types) => [
            ...later.steps(types),
            { makes: { kind: 'table', table: 'odd' }, statements: ['create table odd (id'] },
          ],
        };
        await expect(applyMigrations(catalog, [...allMigrations, broken])).rejects.toMatchObject({
          code: 'MIGRATION_FAILED',
        });
        expect((await applyMigrations(catalog, [...allMigrations, later])).applied).toEqual([later.name]);
        const tables = await describeSchema(catalog);
        expect(tables.map((table) => table.name)).toContain('drills');
        expect(tables.find((table) => table.name === 'agents')?.indexes.map((index) => index.name)).toEqual([
          'agents_zone',
        ]);
      });
    });

    it(
      'is applied once when twenty processes start it together',
      async () => {
        const settings = await running.emptyCatalog();
        const processes = await Promise.all(Array.from({ length: 20 }, () => startMigrateProcess({ settings })));
        const ends = await Promise.all(processes.map((process) => process.run()));
        expect(ends.filter((end) => end.exitCode !== 0)).toEqual([]);
        expect(ends.flatMap((end) => end.outcome?.applied ?? [])).toEqual(names);
        expect(ends.map((end) => end.outcome?.version)).toEqual(ends.map(() => newest));
        expect(await withCatalog(settings, describeSchema)).toEqual(complete);
      },
      PROCESS_LIMIT_MS,
    );

    it(
      'goes on after a kill between its writes',
      async () => {
        const kind = (await running.emptyCatalog()).engine;
        const writes = writesOfFirst(kind, complete);
        const everyWrite = Array.from({ length: writes }, (_none, index) => index + 1);
        // SQLite writes nothing before the end, so that one place is as good as another.
        const places = kind === 'sqlite' ? [1, Math.ceil(writes / 2), writes] : everyWrite;
        const killed: string[] = [];
        for (const killAfterWrite of places) {
          const settings = await running.emptyCatalog();
          const end = await (await startMigrateProcess({ settings, killAfterWrite })).run();
          killed.push(end.signal ?? `exit ${end.exitCode} ${end.errors}`);
          await withCatalog(settings, async (catalog) => {
            const left = (await describeSchema(catalog)).length;
            // Before the last record a table is missing or a migration is not recorded; on SQLite all of it is.
            if (kind === 'sqlite') expect(left).toBe(0);
            else expect(left).toBeGreaterThan(0);
            const { applied } = await migrate(catalog);
            expect(applied).toEqual(names.slice(names.length - applied.length));
            expect(await describeSchema(catalog)).toEqual(complete);
            expect(await catalog.knex('schema_migrations').pluck('name').orderBy('name')).toEqual(names);
          });
        }
        expect(killed).toEqual(killed.map(() => 'SIGKILL'));
      },
      PROCESS_LIMIT_MS,
    );
  });
}
