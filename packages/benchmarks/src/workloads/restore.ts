import { join } from 'node:path';
import type { Engine } from '../engines/engine.ts';
import { compareContents, compareTrees } from '../verify/compare-trees.ts';
import type { Benchmark, RepositoryService } from './benchmark.ts';

/** A restore of the newest point of `source`. */
export interface MeasuredRestore {
  readonly workload: string;
  readonly title: string;
  readonly engines: readonly Engine[];
  readonly source: string;
  readonly repositories: string;
  readonly service?: RepositoryService;
}

/** Measures restores of everything into an empty folder; each is compared with the source. */
export async function measureRestore(benchmark: Benchmark, measured: MeasuredRestore): Promise<void> {
  const { workload, title, engines, source, repositories, service = null } = measured;
  await benchmark.rounds({
    workload,
    title,
    engines,
    prepare: async (engine) => {
      const repository = benchmark.repository(engine, repositories, service);
      const point = await benchmark.newestPoint(engine, repository);
      const command = engine.restore(repository, point, source, benchmark.emptyTarget());
      return { repository, commands: [command], reads: repository.folder };
    },
    verify: (engine) => {
      const files = compareTrees(source, engine.restoredFolder(source, benchmark.target));
      benchmark.removeTarget();
      return Promise.resolve(`${files} files compared`);
    },
  });
}

/** Measures restores of one file of the newest point. */
export async function measureFileRestore(benchmark: Benchmark, measured: MeasuredRestore, file: string): Promise<void> {
  const { workload, title, engines, source, repositories } = measured;
  await benchmark.rounds({
    workload,
    title,
    engines,
    prepare: async (engine) => {
      const repository = benchmark.repository(engine, repositories);
      const point = await benchmark.newestPoint(engine, repository);
      const command = engine.restoreFile(repository, point, source, file, benchmark.emptyTarget());
      return { repository, commands: [command], reads: repository.folder };
    },
    verify: (engine) => {
      compareContents(join(source, file), engine.restoredFile(source, file, benchmark.target));
      benchmark.removeTarget();
      return Promise.resolve('the file compared');
    },
  });
}
