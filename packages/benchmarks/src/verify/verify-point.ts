import type { BenchmarkRepository, Engine } from '../engines/engine.ts';
import type { Benchmark } from '../workloads/benchmark.ts';
import { compareTrees } from './compare-trees.ts';

/**
 * Restores the newest point and compares it with `source`; where stock restic can read the repository it also checks it,
 * and it is restic that restores what is ours. Returns what was done, in words. Throws BENCHMARK_FAILED.
 */
export async function verifyPoint(
  benchmark: Benchmark,
  engine: Engine,
  repository: BenchmarkRepository,
  source: string,
): Promise<string> {
  const stock = benchmark.engines.find(({ name }) => name.startsWith('restic '));
  const checker = engine.resticFormat ? stock : undefined;
  if (checker !== undefined) await benchmark.run(checker, repository, checker.check(repository));
  const restorer = engine === benchmark.engines[0] && stock !== undefined ? stock : engine;
  const point = await benchmark.newestPoint(restorer, repository);
  const target = benchmark.emptyTarget();
  await benchmark.run(restorer, repository, restorer.restore(repository, point, source, target));
  const files = compareTrees(source, restorer.restoredFolder(source, target));
  benchmark.removeTarget();
  const restored = `${files} files restored by ${restorer.name} and compared`;
  return checker === undefined ? restored : `${restored}; checked by ${checker.name} with all data read`;
}
