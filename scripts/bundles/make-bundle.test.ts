import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory, temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleDefinitions, type BundleDefinition } from './bundle-definitions.ts';
import { makeBundle, type Bundle } from './make-bundle.ts';

const root = dirname(dirname(import.meta.dirname));
const dist = temporaryDirectory('bundles');
const bundles = new Map<string, Bundle>();

const folderOf = (name: string): string => join(dist.path, name);

beforeAll(async () => {
  for (const definition of bundleDefinitions) {
    bundles.set(definition.name, await makeBundle(root, definition, dist.path));
  }
});

afterAll(() => {
  dist.remove();
});

/** Runs Node without this project's modules in reach: what a bundle lacks is then missing. */
const run = (script: string, environment: Readonly<Record<string, string>>) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: dist.path,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  });

/** Calls the handlers of the bundles in one process, one after the other, and gives the outcome of each. */
const invoke = (catalogFile: string, calls: readonly (readonly [bundle: string, event: object])[]): unknown[] => {
  const script = `
    const outcomes = [];
    for (const [bundle, event] of ${JSON.stringify(calls)}) {
      const { handler } = await import('${dist.path}/' + bundle + '/lambda.mjs');
      const outcome = await handler(event, { awsRequestId: 'request-1' }).then(
        (answer) => ({ answer }),
        (error) => ({ errorType: error.name }),
      );
      outcomes.push(outcome);
    }
    console.log('\\n' + JSON.stringify(outcomes));
    process.exit(0);`;
  const result = run(script, { CATALOG_ENGINE: 'sqlite', CATALOG_FILE: catalogFile });
  const last = result.stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(last) as unknown[];
  } catch {
    throw new Error(`no outcome was printed:\n${result.stdout}${result.stderr}`);
  }
};

it('makes Lambdas that answer requests on a catalog of their own making', () => {
  const outcomes = invoke(join(temporaryDirectoryForTest('catalog'), 'catalog.db'), [
    ['orchestrator', { action: 'migrate' }],
    ['orchestrator', { action: 'status' }],
    ['recovery', { backup_id: 'backup-123', target_system: 'prod-db-01' }],
  ]);
  expect(outcomes).toEqual([
    {
      answer: expect.objectContaining({ applied: expect.arrayContaining([expect.any(String)]) as unknown }) as unknown,
    },
    { answer: expect.objectContaining({ agents: [] }) as unknown },
    { errorType: 'BACKUP_NOT_FOUND' },
  ]);
});

it('makes an agent that names what its environment lacks', () => {
  const result = spawnSync(process.execPath, [join(folderOf('agent'), 'main.js')], { encoding: 'utf8', env: {} });
  expect(result.status).toBe(1);
  expect(result.stdout).toContain('ENVIRONMENT_INVALID');
});

it('makes workers that load, and brings the C library along', async () => {
  const workers = (bundles.get('agent')?.files ?? [])
    .map(({ path }) => path)
    .filter((path) => path.endsWith('-worker.js'));
  expect(workers.length).toBeGreaterThan(0);
  for (const worker of workers) {
    const script = `
      import { Worker } from 'node:worker_threads';
      const worker = new Worker(${JSON.stringify(join(folderOf('agent'), worker))}, { workerData: {} });
      worker.on('error', (error) => { console.log(error.code ?? error.message); process.exit(0); });
      worker.on('online', () => setTimeout(() => process.exit(0), 500));`;
    const result = run(script, {});
    expect(result.stdout).not.toMatch(/ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|ERR_REQUIRE|Dynamic require/);
  }
  const koffi = spawn(process.execPath, ['-e', `require('koffi').load('libc.so.6')`], { cwd: folderOf('agent') });
  const status = await new Promise((resolve) => koffi.once('exit', resolve));
  expect(status).toBe(process.platform === 'linux' ? 0 : 1);
});

it('gives the same bytes each time', async () => {
  const again = temporaryDirectoryForTest('bundles-again');
  for (const definition of bundleDefinitions) {
    const second = await makeBundle(root, definition, again);
    expect(second.files).toEqual(bundles.get(definition.name)?.files);
    for (const { path } of second.files) {
      const bytes = readFileSync(join(second.folder, path));
      expect(bytes.equals(readFileSync(join(folderOf(definition.name), path)))).toBe(true);
    }
  }
});

it('fails for an entry or a worker that is not there', async () => {
  const definition: BundleDefinition = {
    name: 'broken',
    entries: { lambda: 'packages/orchestrator/src/absent.ts' },
    workers: [],
    ending: '.mjs',
    usesKoffi: false,
  };
  const folder = temporaryDirectoryForTest('bundles-broken');
  await expect(makeBundle(root, definition, folder)).rejects.toThrow('packages/orchestrator/src/absent.ts');
  const workers = { ...definition, entries: {}, workers: ['packages/recovery/src/**/*-worker.ts'] };
  await expect(makeBundle(root, workers, folder)).rejects.toThrow('no worker');
});
