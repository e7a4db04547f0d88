import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { changeFiles } from '../data/change-files.ts';
import { verifyPoint } from '../verify/verify-point.ts';
import type { Benchmark } from './benchmark.ts';
import { noteChange, smallTree } from './benchmark-data.ts';

const pointCount = 10;
/** Each point differs from the one before by so much, so that half of them hold space worth freeing. */
const changedShare = 0.1;
const treeShare = 0.25;

/** What the two measurements of pruning are called. */
export interface PruneTitles {
  readonly prune: string;
  readonly dropped: string;
}

/**
 * Measures pruning: ten points of a tree of which a tenth changes from one to the next, every second one dropped. Each run
 * starts with a copy of the repository as it was. Dropping the points is not measured in `i`, and is in `i dropped`: some engines
 * do in it what others leave to the prune.
 */
export async function measurePrune(benchmark: Benchmark, titles: PruneTitles): Promise<void> {
  const { engines, options } = benchmark;
  const source = smallTree(benchmark, treeShare, 'history');
  noteChange(benchmark, 'history');
  for (const engine of engines) await benchmark.initialize(engine, benchmark.repository(engine, 'history'));
  for (let point = 0; point < pointCount; point += 1) {
    if (point > 0) changeFiles(source, changedShare, benchmark.pools, options.seed, point);
    for (const engine of engines) {
      const repository = benchmark.repository(engine, 'history');
      await benchmark.run(engine, repository, engine.backup(repository, source));
    }
  }
  for (const engine of engines) keepCopy(dirname(benchmark.repository(engine, 'history').home));
  const measure = (workload: string, title: string, isDroppingMeasured: boolean) =>
    benchmark.rounds({
      workload,
      title,
      engines,
      prepare: async (engine) => {
        const repository = benchmark.repository(engine, 'history');
        takeCopy(dirname(repository.home));
        const points = await benchmark.points(engine, repository);
        const dropped = points.filter((_, number) => number % 2 === 0);
        const dropping = engine.forget(repository, dropped);
        const prune = engine.prune(repository);
        if (isDroppingMeasured) return { repository, commands: [...dropping, prune], reads: repository.folder };
        for (const command of dropping) await benchmark.run(engine, repository, command);
        return { repository, commands: [prune], reads: repository.folder };
      },
      verify: async (engine, isLast) => {
        if (!isLast && options.verify === 'last') return '';
        return verifyPoint(benchmark, engine, benchmark.repository(engine, 'history'), source);
      },
    });
  await measure('i', titles.prune, false);
  await measure('i dropped', titles.dropped, true);
}

const copyOf = (folder: string): string => `${folder}-as-made`;

function keepCopy(folder: string): void {
  rmSync(copyOf(folder), { recursive: true, force: true });
  execFileSync('cp', ['-a', folder, copyOf(folder)]);
}

function takeCopy(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  execFileSync('cp', ['-a', copyOf(folder), folder]);
}
