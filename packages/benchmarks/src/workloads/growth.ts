import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDump } from '../data/database-dump.ts';
import type { Benchmark } from './benchmark.ts';
import { generatedTree } from './benchmark-data.ts';
import { measureFirstBackup } from './first-backup.ts';

const fileCounts = [10_000, 100_000, 1_000_000];
const gigabytes = [1, 4, 16];
/** Smaller than in workload a, so that a million files fit on most disks. */
const bytesPerFile = 4096;

/** Measures first backups of more and more files, and of larger and larger ones, up to what the options say. */
export async function runGrowth(benchmark: Benchmark): Promise<void> {
  const { engines, options } = benchmark;
  const { growthFiles, growthGigabytes, seed, work } = options;
  for (const count of upTo(fileCounts, growthFiles)) {
    const source = generatedTree(benchmark, 'growth', count, count * bytesPerFile, seed);
    const title = `first backup of ${count} small files`;
    await measureFirstBackup(benchmark, { workload: `files ${count}`, title, engines, source, repositories: 'growth' });
  }
  rmSync(join(work, 'data', 'growth'), { recursive: true, force: true });
  const source = join(work, 'data', 'growth');
  mkdirSync(source, { recursive: true });
  for (const size of upTo(gigabytes, growthGigabytes)) {
    writeDump(join(source, 'orders.sql'), size * 1e9, benchmark.pools, seed, 0);
    const title = `first backup of a dump of ${size} GB`;
    await measureFirstBackup(benchmark, { workload: `GB ${size}`, title, engines, source, repositories: 'growth' });
  }
  rmSync(source, { recursive: true, force: true });
  rmSync(join(work, 'repositories', 'growth'), { recursive: true, force: true });
}

/** The steps up to `limit`, or `limit` alone when it is below all of them. */
function upTo(steps: readonly number[], limit: number): number[] {
  const within = steps.filter((step) => step <= limit);
  return within.length > 0 ? within : [limit];
}
