import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { toPlatformError } from '@enterprise-backup/contracts/errors';
import { findEngines } from './engines/find-engines.ts';
import { readEnvironment } from './environment.ts';
import { measureFloor, type Floor } from './floor/floor.ts';
import { describeMachine } from './machine.ts';
import { readOptions, usage, type BenchmarkOptions } from './options.ts';
import type { Results } from './report/results.ts';
import { floorTable, workloadTables } from './report/rows.ts';
import { tableText } from './report/table-text.ts';
import { startS3Service } from './s3/start-s3-service.ts';
import { Benchmark } from './workloads/benchmark.ts';
import { dumpFolder, smallTree } from './workloads/benchmark-data.ts';
import { runWorkloads } from './workloads/run-workloads.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const root = dirname(dirname(dirname(import.meta.dirname)));

async function main(): Promise<void> {
  const environment = readEnvironment();
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    say(usage);
    return;
  }
  const engines = findEngines(root, environment.path, options.peers, options.also);
  const benchmark = new Benchmark(options, engines, environment.path, say);
  const floors = options.floor ? await measureFloors(benchmark, options) : [];
  await runWorkloads(benchmark, () => startS3Service(join(options.work, 's3'), environment.path));
  report(resultsOf(benchmark, floors));
}

async function measureFloors(benchmark: Benchmark, { workloads, cores }: BenchmarkOptions): Promise<Floor[]> {
  const floors = [];
  if (workloads.has('a')) floors.push(await measureFloor('a', smallTree(benchmark), cores));
  if (workloads.has('d')) floors.push(await measureFloor('d', dumpFolder(benchmark, 0), cores));
  return floors;
}

function resultsOf({ options, engines, measurements }: Benchmark, floors: readonly Floor[]): Results {
  const { scale, runs, warmups, seed, verify, work, data } = options;
  return {
    measured_at: systemClock.now().toISOString(),
    machine: describeMachine(work),
    settings: { scale, runs, warmups, seed, data: data === null ? 'generated' : 'own', verify },
    engines: engines.map(({ name }) => ({ name })),
    floors,
    measurements,
  };
}

function report(results: Results): void {
  const floor = floorTable(results);
  for (const table of [...workloadTables(results), ...(floor === null ? [] : [floor])]) say(`\n${tableText(table)}`);
  const folder = join(readOptions(process.argv.slice(2))?.work ?? '.', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  say(`written: ${join(folder, 'results.json')}`);
}

try {
  await main();
} catch (thrown) {
  const error = toPlatformError(thrown);
  process.stderr.write(`error ${error.code}: ${error.message}\nhint: ${error.hint}\n`);
  process.exitCode = 1;
}
