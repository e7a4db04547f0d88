import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
import { joinResults, mergeResults } from './report/join-results.ts';
import type { Measured, Results } from './report/results.ts';
import { floorTable, workloadTables, type Table } from './report/rows.ts';
import { startupTables } from './report/startup-table.ts';
import { tableText } from './report/table-text.ts';
import { writeSection } from './report/write-document.ts';
import { startS3Service } from './s3/start-s3-service.ts';
import { measureStartup, type Startup } from './startup/measure-startup.ts';
import { Benchmark } from './workloads/benchmark.ts';
import { dumpFolder, smallTree } from './workloads/benchmark-data.ts';
import { runGrowth } from './workloads/growth.ts';
import { runWorkloads } from './workloads/run-workloads.ts';

const root = dirname(dirname(dirname(import.meta.dirname)));
const documentPath = join(root, 'docs', 'performance.md');

/** What a mode of the benchmark found: named as the section of the document and the files that hold it. */
type Report =
  | { readonly name: 'startup'; readonly found: Startup }
  | { readonly name: 'results' | 'growth'; readonly found: Results };

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
  return { name: 'startup', found: await measureStartup(join(root, 'dist'), options) };
}

async function runEngines(options: BenchmarkOptions, path: string): Promise<Report> {
  const shipped = options.bundled ? makeShippedProgram(root, options.work) : null;
  const engines = findEngines(root, path, options.peers, options.also, shipped);
  const benchmark = new Benchmark(options, engines, path, say);
  const isGrowth = options.mode === 'growth';
  const floors = options.floor && !isGrowth ? await measureFloors(benchmark) : [];
  if (isGrowth) await runGrowth(benchmark);
  else await runWorkloads(benchmark, () => startS3Service(join(options.work, 's3'), path));
  return { name: isGrowth ? 'growth' : 'results', found: resultsOf(benchmark, floors) };
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

function write({ work, document }: BenchmarkOptions, report: Report): void {
  const { name, found } = report;
  for (const table of tablesOf(report)) say(`\n${tableText(table)}`);
  const folder = join(work, 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), toJson(found));
  if (report.name !== 'startup') writeFileSync(join(folder, `${name}.svg`), plotOf(report.name, report.found));
  say(`written to ${folder}`);
  if (document) writeDocument(report);
}

function writeDocument(report: Report): void {
  const { name, found } = report;
  const file = join(root, 'docs', `performance-${name}`);
  if (report.name === 'startup') {
    writeSection(documentPath, name, [{ tables: tablesOf(report), results: null }]);
    writeFileSync(`${file}.json`, toJson(found));
    return;
  }
  // Written by this program.
  const earlier = existsSync(`${file}.json`) ? (JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Results[]) : [];
  const joined = joinResults(earlier, report.found);
  const parts = joined.map((results) => ({ tables: tablesOf({ name: report.name, found: results }), results }));
  writeSection(documentPath, name, parts);
  writeFileSync(`${file}.json`, toJson(joined));
  writeFileSync(`${file}.svg`, plotOf(report.name, mergeResults(joined)));
}

function tablesOf(report: Report): Table[] {
  if (report.name === 'startup') return startupTables(report.found);
  const floor = floorTable(report.found);
  return [...workloadTables(report.found), ...(floor === null ? [] : [floor])];
}

function plotOf(name: 'results' | 'growth', results: Measured): string {
  return name === 'growth' ? growthPlot(results) : barPlot(results);
}

function toJson(found: object): string {
  return `${JSON.stringify(found, null, 2)}\n`;
}

try {
  await main();
} catch (thrown) {
  const error = toPlatformError(thrown);
  process.stderr.write(`error ${error.code}: ${error.message}\nhint: ${error.hint}\n`);
  process.exitCode = 1;
}
