import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { peerNames } from './engines/find-engines.ts';

/** Letters of the workloads, in the order in which they run. */
export const workloadLetters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] as const;
/** The letter of a workload. */
export type WorkloadLetter = (typeof workloadLetters)[number];

/** What `npm run bench` is asked to do. */
export interface BenchmarkOptions {
  readonly workloads: ReadonlySet<WorkloadLetter>;
  /** Share of the full sizes: 1 is 100,000 files of 2.2 GB, a dump of 4 GB, media of 2 GB. */
  readonly scale: number;
  /** Counted runs of each engine. */
  readonly runs: number;
  readonly warmups: number;
  readonly peers: readonly string[];
  /** Whether ours is the program of an archive, made anew from the checkout, and not the checkout itself. */
  readonly bundled: boolean;
  /** Further checkouts of this project, each an engine of its own: to measure a change. */
  readonly also: readonly string[];
  /** A tree to use instead of generated small files; it is copied first and never changed. */
  readonly data: string | null;
  /** Folder for data, repositories and results. */
  readonly work: string;
  /** Whether the result of each run is restored and compared, or only that of the last run of each engine. */
  readonly verify: 'each' | 'last';
  readonly seed: string;
  readonly floor: boolean;
  readonly mode: 'compare' | 'growth' | 'startup';
  /** Largest number of files and of GB that `--growth` goes to. */
  readonly growthFiles: number;
  readonly growthGigabytes: number;
  /** Whether docs/performance.md and its plots are written anew. */
  readonly document: boolean;
  /** Threads that the floor is measured with. */
  readonly cores: number;
}

/** What `--help` prints. */
export const usage = `npm run bench -- [options]
  --workload LETTERS   of ${workloadLetters.join(',')}, such as a,b (default: all)
  --scale NUMBER       share of the full sizes, such as 0.25 (default: 1)
  --runs NUMBER        counted runs of each engine (default: 5)
  --warmups NUMBER     runs before them that do not count (default: 1)
  --peers NAMES        of ${peerNames.join(',')} (default: those found on PATH)
  --bundled            ours as it is shipped: from an archive for agents, made anew
  --also FOLDER        another checkout of this project, as a further engine; repeatable
  --data FOLDER        a real tree instead of the generated small files
  --work FOLDER        where data, repositories and results lie
  --verify WHICH       each run, or the last one of each engine (default: each)
  --seed TEXT          another seed makes other data
  --no-floor           leave out what the machine itself needs for the bytes
  --growth             cost as work grows: number of files, size of one file
  --growth-files N     up to so many files (default: 1000000)
  --growth-gb N        up to a file of so many GB (default: 16)
  --startup            start of the agent, cold start and size of the bundles
  --document           write the results into docs/performance.md
`;

/** Reads the command line; null when it asks for help. Throws CLI_USAGE. */
export function readOptions(args: readonly string[]): BenchmarkOptions | null {
  const { values } = parse(args);
  if (values.help === true) return null;
  const work = resolve(values.work ?? join(tmpdir(), 'enterprise-backup-bench'));
  if (values.growth === true && values.startup === true) throw usageError('give --growth or --startup, not both');
  return {
    workloads: new Set(readList('--workload', values.workload, workloadLetters)),
    scale: readNumber('--scale', values.scale ?? '1', 0.000_01),
    runs: readNumber('--runs', values.runs ?? '5', 1),
    warmups: readNumber('--warmups', values.warmups ?? '1', 0),
    peers: readList('--peers', values.peers, peerNames),
    bundled: values.bundled === true,
    also: (values.also ?? []).map((folder) => resolve(folder)),
    data: values.data === undefined ? null : resolve(values.data),
    work,
    verify: readList('--verify', values.verify ?? 'each', ['each', 'last'] as const)[0] ?? 'each',
    seed: values.seed ?? 'benchmark',
    floor: values['no-floor'] !== true,
    mode: values.growth === true ? 'growth' : values.startup === true ? 'startup' : 'compare',
    growthFiles: readNumber('--growth-files', values['growth-files'] ?? '1000000', 1),
    growthGigabytes: readNumber('--growth-gb', values['growth-gb'] ?? '16', 0.001),
    document: values.document === true,
    cores: availableParallelism(),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        workload: text,
        scale: text,
        runs: text,
        warmups: text,
        peers: text,
        bundled: flag,
        also: { type: 'string', multiple: true },
        data: text,
        work: text,
        verify: text,
        seed: text,
        'no-floor': flag,
        growth: flag,
        'growth-files': text,
        'growth-gb': text,
        startup: flag,
        document: flag,
        help: flag,
      },
    });
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

function readList<Name extends string>(option: string, text: string | undefined, allowed: readonly Name[]): Name[] {
  if (text === undefined) return [...allowed];
  const names = text.split(',').filter((name) => name !== '' && name !== 'none');
  return names.map((name) => {
    const known = allowed.find((candidate) => candidate === name);
    if (known === undefined) throw usageError(`${option} knows ${allowed.join(', ')}, and not ${name}`);
    return known;
  });
}

function readNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) throw usageError(`${option} must be a number from ${least}`);
  return value;
}

const usageError = (sentence: string): PlatformError => new PlatformError('CLI_USAGE', sentence);
