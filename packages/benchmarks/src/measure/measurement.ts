/** What one run of a program cost. Field names are those of the JSON that `npm run bench` writes. */
export interface Run {
  readonly wall_seconds: number;
  readonly user_seconds: number;
  readonly system_seconds: number;
  /** Most memory that the program and its descendants held at a time; how it is found out stands in process-memory.ts. */
  readonly peak_memory_bytes: number;
  /** Bytes of the repository's files after the run. */
  readonly stored_bytes: number;
}

/** What a run cost, without what it left behind. */
export type RunCost = Omit<Run, 'stored_bytes'>;

/** What commands cost that ran one after the other; at least one. */
export function joinCosts(costs: readonly RunCost[]): RunCost {
  const sum = (read: (cost: RunCost) => number) => costs.reduce((total, cost) => total + read(cost), 0);
  return {
    wall_seconds: sum(({ wall_seconds }) => wall_seconds),
    user_seconds: sum(({ user_seconds }) => user_seconds),
    system_seconds: sum(({ system_seconds }) => system_seconds),
    peak_memory_bytes: Math.max(...costs.map(({ peak_memory_bytes }) => peak_memory_bytes)),
  };
}

/** All counted runs of one engine at one workload. */
export interface Measurement {
  /** A letter of the workload, and the step where it has several: `a`, `d`, `d changed`. */
  readonly workload: string;
  readonly title: string;
  /** Name of the engine and its version, as `restic 0.18.1`. */
  readonly engine: string;
  readonly runs: readonly Run[];
  /** What was found by comparing and checking, in words; a run whose result is wrong ends the benchmark instead. */
  readonly verified: string;
}

/** Middle, smallest and largest of some figures. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The spread of at least one figure; the median of an even number is the mean of the two in the middle. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return { median: (lower + upper) / 2, min: sorted.at(0) ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}
