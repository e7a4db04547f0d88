import { readFileSync } from 'node:fs';
import { snapshotId } from '@enterprise-backup/contracts/ids';
import { backupResult } from '@enterprise-backup/contracts/tasks';
import { createConnection } from 'mysql2/promise';
import { DatabaseSync } from 'node:sqlite';
import { type RunningCatalogEngine, catalogEngines } from '@enterprise-backup/test-support/catalog-engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectCatalog, type CatalogSettings } from '../src/connect.ts';
import { migrate } from '../src/migrate.ts';
import { describeSchema } from './describe-schema.ts';

const document = readFileSync(new URL('../../../docs/catalog.md', import.meta.url), 'utf8');

/** The document's SQL for every engine and for the named one, in order. */
const blocksFor = (engine: CatalogSettings['engine']): string[] =>
  [...document.matchAll(/^```sql(?: (?<engine>\w+))?\n(?<text>.*?)^```$/gms)]
    .filter((match) => match.groups?.['engine'] === undefined || match.groups['engine'] === engine)
    .map((match) => match.groups?.['text'] ?? '');

/** Runs SQL as a person's own client would, outside of what the platform sets for its sessions. */
const runAsPerson = async (settings: CatalogSettings, sql: string): Promise<void> => {
  if (settings.engine === 'sqlite') {
    const database = new DatabaseSync(settings.file);
    database.exec(sql);
    database.close();
    return;
  }
  const { host, port, user, password, database } = settings;
  const client = await createConnection({ host, port, user, password, database, multipleStatements: true });
  await client.query(sql);
  await client.end();
};

for (const engine of catalogEngines) {
  describe.skipIf(!engine.available)(`docs/catalog.md on ${engine.name}`, () => {
    let running: RunningCatalogEngine;

    beforeAll(async () => {
      running = await engine.start();
    });

    afterAll(() => running.stop());

    it('names every table and every column', async () => {
      const catalog = await connectCatalog(await running.emptyCatalog());
      await migrate(catalog);
      const sections = new Map(
        document
          .split(/^### /m)
          .slice(1)
          .map((section) => [section.slice(0, section.indexOf('\n')), section]),
      );
      const missing = (await describeSchema(catalog)).flatMap((table) => {
        // The columns of target systems are told by those of source systems.
        const section = `${sections.get(table.name) ?? ''}${table.name === 'target_systems' ? (sections.get('source_systems') ?? '') : ''}`;
        return table.columns
          .filter(({ name }) => !section.includes(`\`${name}\``))
          .map(({ name }) => `${table.name}.${name}`);
      });
      expect(missing).toEqual([]);
      await catalog.close();
    });

    it('gives statements that rebuild a point', async () => {
      const settings = await running.emptyCatalog();
      const catalog = await connectCatalog(settings);
      await migrate(catalog);
      const [repository] = await catalog
        .knex('repositories')
        .insert({ location: '/srv/points', password_secret: 'main' });
      await catalog.knex('source_systems').insert({
        source_system: 'files-01',
        kind: 'filesystem',
        settings: { kind: 'filesystem', path: '/srv/files', excludes: [], allow_empty: false },
        repository_id: repository ?? 0,
      });

      const blocks = blocksFor(settings.engine);
      expect(blocks.length).toBe(3);
      for (const block of blocks) await runAsPerson(settings, block);

      const point = await catalog.knex('recovery_points').first();
      const id = snapshotId.parse('4bba301e'.repeat(8));
      expect(point).toMatchObject({ job_id: 123, repository_id: repository, snapshot_id: id, forgotten_at: null });
      expect(point?.created_at).toBe('2026-11-22T02:04:10.000Z');
      expect(backupResult.parse(point?.evidence)).toMatchObject({ source_path: '/srv/files', duration_seconds: 245 });
      expect(await catalog.knex('backup_jobs').pluck('created_at')).toEqual(['2026-11-22T02:00:00.000Z']);
      const job = { job_name: 'nightly', source_system: 'files-01', backup_type: 'full' } as const;
      expect(await catalog.knex('backup_jobs').insert(job)).toEqual([124]);
      await catalog.close();
    });
  });
}
