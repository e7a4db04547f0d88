import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillRandom } from '../data/fill-content.ts';
import { planFiles, writeFiles } from '../data/file-set.ts';
import { writeDump } from '../data/database-dump.ts';
import { RandomNumbers } from '../data/random-numbers.ts';
import type { Benchmark } from './benchmark.ts';

const smallFiles = 100_000;
const smallBytes = 2.2e9;
const dumpBytes = 4e9;
const mediaFiles = 40;
const mediaBytes = 2e9;

/** The tree of small files, or a copy of the person's own; made once for each seed and scale, and anew when it was changed. */
export function smallTree(benchmark: Benchmark, share = 1, name = 'small'): string {
  const { data, scale, seed } = benchmark.options;
  if (data !== null)
    return prepared(benchmark, name, `copy of ${data}`, (folder) => execFileSync('cp', ['-a', `${data}/.`, folder]));
  return generatedTree(
    benchmark,
    name,
    Math.max(20, Math.round(smallFiles * scale * share)),
    smallBytes * scale * share,
    seed,
  );
}

/** A tree of `files` small files that hold `bytes` in all. */
export function generatedTree(benchmark: Benchmark, name: string, files: number, bytes: number, seed: string): string {
  return prepared(benchmark, name, `${files} files, ${bytes} bytes, seed ${seed}`, (folder) => {
    writeFiles(folder, planFiles(seed, files, bytes), benchmark.pools, seed);
  });
}

/** The folder of the dump, in its state `version`. */
export function dumpFolder(benchmark: Benchmark, version: number, bytes = dumpBytes * benchmark.options.scale): string {
  const { seed } = benchmark.options;
  return prepared(benchmark, 'dump', `${bytes} bytes, seed ${seed}, version ${version}`, (folder) => {
    writeDump(join(folder, 'orders.sql'), bytes, benchmark.pools, seed, version);
  });
}

/** Files that cannot be compressed. */
export function mediaFolder(benchmark: Benchmark): string {
  const { scale, seed } = benchmark.options;
  const size = Math.max(4096, Math.round((mediaBytes * scale) / mediaFiles));
  return prepared(benchmark, 'media', `${size} bytes each, seed ${seed}`, (folder) => {
    const buffer = Buffer.allocUnsafe(size);
    for (let number = 0; number < mediaFiles; number += 1) {
      fillRandom(buffer, new RandomNumbers(seed, 'media', number));
      writeFileSync(join(folder, `recording-${number}.mp4`), buffer);
    }
  });
}

/** Marks data as changed, so that who needs it as generated makes it anew. */
export function noteChange(benchmark: Benchmark, name: string): void {
  rmSync(join(benchmark.options.work, 'data', `${name}.description`), { force: true });
}

/** A folder under `data` that `make` fills, unless its description says that it holds just that. */
function prepared(benchmark: Benchmark, name: string, description: string, make: (folder: string) => void): string {
  const place = join(benchmark.options.work, 'data');
  const folder = join(place, name);
  const stamp = join(place, `${name}.description`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === description) return folder;
  benchmark.say(`making data: ${name}, ${description}`);
  rmSync(stamp, { force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  make(folder);
  writeFileSync(stamp, description);
  return folder;
}
