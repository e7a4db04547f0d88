import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { newCheapRepository } from '../cheap-key.ts';
import { describeMachine } from './figures.ts';

/**
 * Measures what sizes a repository takes and prints the figures: `node scale-command.ts [part] [share]`. Parts are open,
 * prune, folder, path and sparse; a share of 0.1 makes all of them a tenth as large. Every step is a process of its own, so
 * that its memory shows. Takes some GiB in the temporary folder and about ten minutes.
 */
const [, , only = '', share = '1'] = process.argv;

type Step = readonly [module: string, ...args: readonly string[]];

/** Steps of a part, for a new repository at `location` and an empty folder beside it. */
const parts: Readonly<Record<string, (location: string, folder: string) => readonly Step[]>> = {
  open: (location) => [
    ['make-index', location, String(10_000_000 * Number(share))],
    ['open-index', location],
  ],
  prune: (location) => [
    ['make-blobs', location, String(1_000_000 * Number(share))],
    ['prune-blobs', location],
  ],
  folder: (location, folder) =>
    ['make', 'backup', 'again', 'ls', 'restore'].map((step): Step => {
      return ['large-folder', step, location, folder, String(1_000_000 * Number(share))];
    }),
  path: (location, folder) => [
    ['long-path', location, join(folder, 'one'), '4095'],
    ['long-path', location, join(folder, 'two'), '4200'],
  ],
  sparse: (location, folder) => [['sparse-file', location, folder, String(Math.ceil(100 * Number(share)))]],
};

async function run([module, ...args]: Step): Promise<void> {
  const path = new URL(`./${module}.ts`, import.meta.url).pathname;
  // As `backupctl` runs.
  const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'];
  const cache = new URL('../../../../node_modules/.cache/compiled', import.meta.url).pathname;
  const env = { NODE_COMPILE_CACHE: cache, MALLOC_MMAP_THRESHOLD_: '524288', ...process.env };
  const child = spawn(process.execPath, [...flags, path, ...args], { stdio: 'inherit', env });
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) process.exitCode = 1;
}

process.stdout.write(`${describeMachine()}\n`);
for (const [name, steps] of Object.entries(parts)) {
  if (only !== '' && only !== 'all' && name !== only) continue;
  const directory = temporaryDirectory('scale');
  try {
    process.stdout.write(`\n${name}\n`);
    const { location } = (await newCheapRepository(directory.path)).storage;
    const folder = join(directory.path, 'beside');
    mkdirSync(folder);
    for (const step of steps(location, folder)) await run(step);
  } finally {
    directory.remove();
  }
}
