import type { Engine } from '../engines/engine.ts';
import { verifyPoint } from '../verify/verify-point.ts';
import type { Benchmark, RepositoryService } from './benchmark.ts';

/** A first backup of `source` into an empty repository, which the next workload finds under the name `repositories`. */
export interface FirstBackup {
  readonly workload: string;
  readonly title: string;
  readonly engines: readonly Engine[];
  readonly source: string;
  readonly repositories: string;
  readonly service?: RepositoryService;
  readonly beforeRound?: (round: number) => void;
}

/** Measures it: every run starts with an empty repository and an empty cache. */
export async function measureFirstBackup(benchmark: Benchmark, first: FirstBackup): Promise<void> {
  const { workload, title, engines, source, repositories, service = null, beforeRound } = first;
  await benchmark.rounds({
    workload,
    title,
    engines,
    ...(beforeRound === undefined ? {} : { beforeRound }),
    prepare: async (engine) => {
      const repository = benchmark.repository(engine, repositories, service);
      await benchmark.initialize(engine, repository);
      return { repository, commands: [engine.backup(repository, source)], reads: source };
    },
    verify: verifier(benchmark, repositories, service, source),
  });
}

/** Measures a further backup of `source` into repositories that hold a point of it already. */
export async function measureNextBackup(benchmark: Benchmark, next: FirstBackup): Promise<void> {
  const { workload, title, engines, source, repositories, service = null, beforeRound } = next;
  await benchmark.rounds({
    workload,
    title,
    engines,
    ...(beforeRound === undefined ? {} : { beforeRound }),
    prepare: (engine) => {
      const repository = benchmark.repository(engine, repositories, service);
      return Promise.resolve({ repository, commands: [engine.backup(repository, source)], reads: source });
    },
    verify: verifier(benchmark, repositories, service, source),
  });
}

/** Backs up once without measuring, for workloads that need a point to begin with. */
export async function provideFirstBackup(
  benchmark: Benchmark,
  first: Omit<FirstBackup, 'workload' | 'title'>,
): Promise<void> {
  for (const engine of first.engines) {
    const repository = benchmark.repository(engine, first.repositories, first.service ?? null);
    await benchmark.initialize(engine, repository);
    await benchmark.run(engine, repository, engine.backup(repository, first.source));
  }
}

function verifier(benchmark: Benchmark, repositories: string, service: RepositoryService | null, source: string) {
  return async (engine: Engine, isLast: boolean): Promise<string> => {
    if (!isLast && benchmark.options.verify === 'last') return '';
    return verifyPoint(benchmark, engine, benchmark.repository(engine, repositories, service), source);
  };
}
