import {
  mariadb,
  sqlite,
  type RunningCatalogEngine,
  catalogEngines,
} from '@enterprise-backup/test-support/catalog-engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../src/catalog.ts';
import { connectCatalog } from '../src/connect.ts';
import { booleanColumns, jsonColumns } from '../src/engine/column-values.ts';
import { migrate } from '../src/migrate.ts';
import { describeSchema } from './describe-schema.ts';
import { normalSchema } from './normal-schema.ts';
import { renderSchema, type TableDescription } from './schema-description.ts';

/** The tables that every migration was applied to. */
const migrated = async (engine: RunningCatalogEngine): Promise<TableDescription[]> => {
  const catalog: Catalog = await connectCatalog(await engine.emptyCatalog());
  try {
    await migrate(catalog);
    return await describeSchema(catalog);
  } finally {
    await catalog.close();
  }
};

const schemas = new Map<string, TableDescription[]>();
const schemaOf = (name: string): TableDescription[] => schemas.get(name) ?? [];

beforeAll(async () => {
  for (const engine of catalogEngines.filter(({ available }) => available)) {
    const running = await engine.start();
    try {
      schemas.set(engine.name, await migrated(running));
    } finally {
      await running.stop();
    }
  }
});

afterAll(() => {
  schemas.clear();
});

const seedTables = {
  backup_jobs: {
    id: 'integer',
    job_name: 'text 63',
    source_system: 'text 63',
    backup_type: "choice 'full','incremental','differential'",
    status: "choice 'pending','running','completed','failed'",
    created_at: 'time',
    completed_at: 'time',
  },
  backup_schedules: {
    id: 'integer',
    job_name: 'text 63',
    cron_expression: 'text 255',
    retention_days: 'integer',
    enabled: 'boolean',
  },
};

const seedDefaults = {
  backup_jobs: { status: 'pending', created_at: 'now' },
  backup_schedules: { retention_days: '30', enabled: '1' },
};

for (const engine of catalogEngines) {
  describe.skipIf(!engine.available)(`the migrated schema on ${engine.name}`, () => {
    it('is the one of the committed description', async () => {
      const file = `expected/${engine.name.toLowerCase()}-schema.txt`;
      await expect(renderSchema(schemaOf(engine.name))).toMatchFileSnapshot(file);
    });

    it.each(['backup_jobs', 'backup_schedules'] as const)('has the promised columns in %s', (name) => {
      const table = normalSchema(schemaOf(engine.name)).find((candidate) => candidate.name === name);
      const types = Object.fromEntries(table?.columns.map((column) => [column.name, column.type]) ?? []);
      const defaults = Object.fromEntries(table?.columns.map((column) => [column.name, column.default]) ?? []);
      expect(types).toMatchObject(seedTables[name]);
      expect(defaults).toMatchObject(seedDefaults[name]);
      expect(table?.primaryKey).toEqual(['id']);
    });

    it('has JSON and boolean columns exactly where values are converted', () => {
      const columns = normalSchema(schemaOf(engine.name)).flatMap((table) => table.columns);
      const named = (type: string): string[] =>
        [...new Set(columns.filter((column) => column.type === type).map((column) => column.name))].toSorted();
      expect(named('json')).toEqual([...jsonColumns].toSorted());
      expect(named('boolean')).toEqual([...booleanColumns].toSorted());
      const converted = columns.filter((column) => jsonColumns.has(column.name) || booleanColumns.has(column.name));
      expect(converted.filter((column) => !['json', 'boolean'].includes(column.type))).toEqual([]);
    });
  });
}

describe.skipIf(!mariadb.available)('both engines', () => {
  it('have tables that mean the same', () => {
    const onSqlite = normalSchema(schemaOf(sqlite.name));
    expect(onSqlite.length).toBeGreaterThan(0);
    expect(JSON.stringify(onSqlite)).not.toContain('unknown');
    expect(normalSchema(schemaOf(mariadb.name))).toEqual(onSqlite);
  });
});
