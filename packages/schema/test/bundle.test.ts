import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { catalogEngines } from '@enterprise-backup/test-support/catalog-engines';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CatalogSettings } from '../src/connect.ts';
import { allMigrations } from '../src/migrations/all-migrations.ts';
import { unusedDrivers } from '../src/unused-drivers.ts';

const SCHEMA_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** What a shipped program does with the catalog: connect, migrate, end. */
const PROGRAM = `
  import { connectCatalog } from './src/connect.ts';
  import { migrate } from './src/migrate.ts';

  const catalog = await connectCatalog(JSON.parse(process.argv[2]));
  process.stdout.write(JSON.stringify(await migrate(catalog)));
  await catalog.close();
`;

describe('a bundle of the catalog', () => {
  let directory: TemporaryDirectory;
  let bundle: string;

  /** Runs the bundle in a folder from which no node_modules can be found. */
  const migrateByBundle = async (settings: CatalogSettings): Promise<unknown> => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [bundle, JSON.stringify(settings)], {
      cwd: directory.path,
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    directory = temporaryDirectory('bundle');
    bundle = join(directory.path, 'migrate.mjs');
    await build({
      stdin: { contents: PROGRAM, resolveDir: SCHEMA_FOLDER, loader: 'ts' },
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      external: [...unusedDrivers],
      // Knex and mysql2 are CommonJS and require Node's own modules by name.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      outfile: bundle,
      logLevel: 'silent',
    });
  });

  afterAll(() => {
    directory.remove();
  });

  for (const engine of catalogEngines) {
    it.skipIf(!engine.available)(`migrates on ${engine.name}`, async () => {
      const running = await engine.start();
      try {
        expect(await migrateByBundle(await running.emptyCatalog())).toEqual({
          applied: allMigrations.map((migration) => migration.name),
          version: allMigrations.at(-1)?.name,
        });
      } finally {
        await running.stop();
      }
    });
  }
});
