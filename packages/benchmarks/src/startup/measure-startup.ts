import { existsSync, globSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { spreadOf, type Spread } from '../measure/measurement.ts';
import type { BenchmarkOptions } from '../options.ts';
import { measureColdStart, migrate, type ColdStart } from './cold-start.ts';
import { measureFirstByte } from './first-byte.ts';

/** How fast what is shipped starts, and how large it is. Times are in milliseconds. */
export interface Startup {
  readonly agent_first_byte_ms: Spread;
  readonly functions: readonly {
    readonly name: string;
    readonly load_to_answer_ms: Spread;
    readonly process_to_answer_ms: Spread;
  }[];
  readonly bundles: readonly { readonly name: string; readonly code_bytes: number }[];
}

/** The smallest question that each function answers from the catalog. */
const functions = [
  { name: 'orchestrator', event: { action: 'status' } },
  { name: 'recovery', event: { action: 'list' } },
];

/**
 * Measures the bundles in `dist`, which `npm run bundle` makes, as often as the options say. Throws BENCHMARK_FAILED when
 * one is missing or does not work.
 */
export async function measureStartup(dist: string, { work, runs, warmups }: BenchmarkOptions): Promise<Startup> {
  for (const name of ['agent', 'orchestrator', 'recovery']) {
    if (!existsSync(join(dist, name))) {
      throw new PlatformError('BENCHMARK_FAILED', `there is no ${join(dist, name)}: run \`npm run bundle\` first`);
    }
  }
  const place = join(work, 'startup');
  const times = Array.from({ length: warmups + runs }, (_, run) => run);
  const firstBytes: number[] = [];
  for (const run of times) {
    const measured = await measureFirstByte(join(dist, 'agent'), place);
    if (run >= warmups) firstBytes.push(measured);
  }
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  const catalog = join(place, 'catalog.sqlite');
  migrate(join(dist, 'orchestrator'), catalog);
  const measured = functions.map(({ name, event }) => {
    const starts = times.map(() => measureColdStart(join(dist, name), catalog, event)).slice(warmups);
    const spread = (field: keyof ColdStart) => spreadOf(starts.map((start) => start[field]));
    return {
      name,
      load_to_answer_ms: spread('load_to_answer_ms'),
      process_to_answer_ms: spread('process_to_answer_ms'),
    };
  });
  return {
    agent_first_byte_ms: spreadOf(firstBytes),
    functions: measured,
    bundles: ['agent', 'orchestrator', 'recovery'].map((name) => ({ name, code_bytes: codeSize(join(dist, name)) })),
  };
}

/** Bytes of JavaScript of our own making, without source maps and what is copied from other packages. */
function codeSize(folder: string): number {
  const paths = globSync('*.{js,mjs}', { cwd: folder });
  return paths.reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
}
