import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { toPlatformError } from '@enterprise-backup/contracts/errors';
import { findEngines } from './engines/find-engines.ts';
import { makeShippedProgram } from './engines/shipped-program.ts';
import { readEnvironment } from './environment.ts';
import { measureFloor, type Floor } from './floor/floor.ts';
import { describeMachine } from './machine.ts';
import { readOptions, usage, type BenchmarkOptions } from './options.ts';
import { barPlot } from './report/bar-plot.ts';
import { growthPlot } from './report/growth-plot.ts';
import type { Results } from './report/results.ts';
import { floorTable, workloadTables, type Table } from './report/rows.ts';
import { startupTables } from './report/startup-table.ts';
import { tableText } from './report/table-text.ts';
import { writeSection } from './report/write-document.ts';
import { startS3Service } from './s3/start-s3-service.ts';
import { measureStartup } from './startup/measure-startup.ts';
import { Benchmark } from './workloads/benchmark.ts';
import { dumpFolder, smallTree } from './workloads/benchmark-data.ts';
import { runGrowth } from './workloads/growth.ts';
import { runWorkloads } from './workloads/run-workloads.ts';

const root = dirname(dirname(dirname(import.meta.dirname)));
const documentPath = join(root, 'docs', 'performance.md');

/** What a mode of the benchmark found: named as the section of the document and the files that hold it. */
interface Report {
  readonly name: string;
  readonly found: object;
  readonly tables: readonly Table[];
  readonly results: Results | null;
  readonly plot: string | null;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const { path } = readEnvironment();
  const options = readOptions(process.argv.slice(2));
  if (options === null) say(usage);
  else write(options, options.mode === 'startup' ? await runStartup(options) : await runEngines(options, path));
}

async function runStartup(options: BenchmarkOptions): Promise<Report> {
  const found = await measureStartup(join(root, 'dist'), options);
  return { name: 'startup', found, tables: startupTables(found), results: null, plot: null };
}

async function runEngines(options: BenchmarkOptions, path: string): Promise<Report> {
  const shipped = options.bundled ? makeShippedProgram(root, options.work) : null;
  const engines = findEngines(root, path, options.peers, options.also, shipped);
  const benchmark = new Benchmark(options, engines, path, say);
  const isGrowth = options.mode === 'growth';
  const floors = options.floor && !isGrowth ? await measureFloors(benchmark) : [];
  if (isGrowth) await runGrowth(benchmark);
  else await runWorkloads(benchmark, () => startS3Service(join(options.work, 's3'), path));
  const results = resultsOf(benchmark, floors);
  const floor = floorTable(results);
  const tables = [...workloadTables(results), ...(floor === null ? [] : [floor])];
  const plot = isGrowth ? growthPlot(results) : barPlot(results);
  return { name: isGrowth ? 'growth' : 'results', found: results, tables, results, plot };
}

async function measureFloors(benchmark: Benchmark): Promise<Floor[]> {
  const { workloads, cores } = benchmark.options;
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

function write({ work, document }: BenchmarkOptions, { name, found, tables, results, plot }: Report): void {
  for (const table of tables) say(`\n${tableText(table)}`);
  const json = `${JSON.stringify(found, null, 2)}\n`;
  const folder = join(work, 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), json);
  if (plot !== null) writeFileSync(join(folder, `${name}.svg`), plot);
  say(`written to ${folder}`);
  if (!document) return;
  writeSection(documentPath, name, tables, results);
  writeFileSync(join(root, 'docs', `performance-${name}.json`), json);
  if (plot !== null) writeFileSync(join(root, 'docs', `performance-${name}.svg`), plot);
}

try {
  await main();
} catch (thrown) {
  const error = toPlatformError(thrown);
  process.stderr.write(`error ${error.code}: ${error.message}\nhint: ${error.hint}\n`);
  process.exitCode = 1;
}
