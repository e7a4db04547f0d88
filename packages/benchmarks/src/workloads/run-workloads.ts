import { changeFiles } from '../data/change-files.ts';
import { listFiles } from '../data/list-files.ts';
import type { Benchmark, RepositoryService } from './benchmark.ts';
import { dumpFolder, mediaFolder, noteChange, smallTree } from './benchmark-data.ts';
import { measureFirstBackup, measureNextBackup, provideFirstBackup } from './first-backup.ts';
import { measurePrune } from './prune.ts';
import { measureFileRestore, measureRestore } from './restore.ts';

const titles = {
  a: 'first backup of many small files',
  b: 'the same, nothing changed',
  c: 'the same, 1 % changed',
  d: 'first backup of a database dump',
  dChanged: 'the same dump, 1 % of rows changed',
  e: 'first backup of media',
  fSmall: 'restore of many small files',
  fDump: 'restore of the dump',
  g: 'restore of one file out of many',
  h: 'check with all data read',
  i: { prune: 'prune after dropping half of ten points', dropped: 'dropping half of ten points, and prune' },
  jBackup: 'first backup of many small files to S3, 20 ms away',
  jRestore: 'restore of many small files from S3, 20 ms away',
};
const changedShare = 0.01;

/** Runs the workloads that were asked for; `startService` starts what workload j needs, and stops it when told. */
export async function runWorkloads(
  benchmark: Benchmark,
  startService: () => Promise<(RepositoryService & { stop(): Promise<void> }) | null>,
): Promise<void> {
  const wants = (letter: 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j') =>
    benchmark.options.workloads.has(letter);
  await onSmallFiles(benchmark, wants);
  if (wants('d') || wants('f')) await onDump(benchmark, wants);
  if (wants('e')) {
    const source = mediaFolder(benchmark);
    await measureFirstBackup(benchmark, {
      workload: 'e',
      title: titles.e,
      engines: benchmark.engines,
      source,
      repositories: 'media',
    });
  }
  if (wants('i')) await measurePrune(benchmark, titles.i);
  if (wants('j')) await onS3(benchmark, startService);
}

async function onSmallFiles(
  benchmark: Benchmark,
  wants: (letter: 'a' | 'b' | 'c' | 'f' | 'g' | 'h') => boolean,
): Promise<void> {
  if (!(['a', 'b', 'c', 'f', 'g', 'h'] as const).some(wants)) return;
  const { engines, options } = benchmark;
  const source = smallTree(benchmark);
  const common = { engines, source, repositories: 'small' };
  if (wants('a')) await measureFirstBackup(benchmark, { workload: 'a', title: titles.a, ...common });
  else await provideFirstBackup(benchmark, common);
  if (wants('f')) await measureRestore(benchmark, { workload: 'f', title: titles.fSmall, ...common });
  if (wants('g')) {
    const files = listFiles(source);
    const file = files[files.length >> 1] ?? '';
    await measureFileRestore(benchmark, { workload: 'g', title: titles.g, ...common }, file);
  }
  if (wants('h')) await measureCheck(benchmark);
  if (wants('b')) await measureNextBackup(benchmark, { workload: 'b', title: titles.b, ...common });
  if (!wants('c')) return;
  noteChange(benchmark, 'small');
  const beforeRound = (round: number) => {
    changeFiles(source, changedShare, benchmark.pools, options.seed, round);
  };
  await measureNextBackup(benchmark, { workload: 'c', title: titles.c, ...common, beforeRound });
}

/** Each round is a dump and its changed state, so that both steps have as many runs. */
async function onDump(benchmark: Benchmark, wants: (letter: 'd' | 'f') => boolean): Promise<void> {
  const { engines } = benchmark;
  const common = { engines, source: dumpFolder(benchmark, 0), repositories: 'dump' };
  if (wants('d')) {
    await measureFirstBackup(benchmark, { workload: 'd', title: titles.d, ...common });
    const beforeRound = (round: number) => {
      dumpFolder(benchmark, round + 1);
    };
    await measureNextBackup(benchmark, { workload: 'd changed', title: titles.dChanged, ...common, beforeRound });
  } else {
    await provideFirstBackup(benchmark, common);
  }
  if (wants('f')) await measureRestore(benchmark, { workload: 'f dump', title: titles.fDump, ...common });
}

async function measureCheck(benchmark: Benchmark): Promise<void> {
  await benchmark.rounds({
    workload: 'h',
    title: titles.h,
    engines: benchmark.engines,
    prepare: (engine) => {
      const repository = benchmark.repository(engine, 'small');
      return Promise.resolve({ repository, commands: [engine.check(repository)], reads: repository.folder });
    },
    verify: () => Promise.resolve('nothing found'),
  });
}

async function onS3(
  benchmark: Benchmark,
  startService: () => Promise<(RepositoryService & { stop(): Promise<void> }) | null>,
): Promise<void> {
  const service = await startService();
  if (service === null) {
    benchmark.say('(j) is left out: there is no versitygw on PATH');
    return;
  }
  try {
    const engines = benchmark.engines.filter(({ speaksS3 }) => speaksS3);
    const common = { engines, source: smallTree(benchmark), repositories: 's3', service };
    await measureFirstBackup(benchmark, { workload: 'j', title: titles.jBackup, ...common });
    await measureRestore(benchmark, { workload: 'j restore', title: titles.jRestore, ...common });
  } finally {
    await service.stop();
  }
}
