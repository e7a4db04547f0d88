import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { makeLinePools, type LinePools } from '../data/line-pools.ts';
import { invocationOf, type BenchmarkRepository, type Command, type Engine, type S3Place } from '../engines/engine.ts';
import { joinCosts, type Measurement, type Run, type RunCost } from '../measure/measurement.ts';
import { runMeasured, type Outcome } from '../measure/run-measured.ts';
import type { BenchmarkOptions } from '../options.ts';
import { bringIntoMemory } from '../data/bring-into-memory.ts';
import { sizeOfTree } from '../verify/size-of-tree.ts';

/** Where repositories of a workload lie when not in folders. */
export interface RepositoryService {
  /** The place for an engine, and the local folder in which the service keeps it. */
  place(name: string): { readonly s3: S3Place; readonly folder: string };
}

/** What one workload does, for each engine in turn. */
export interface Rounds {
  readonly workload: string;
  readonly title: string;
  readonly engines: readonly Engine[];
  /** Prepares a round for all engines; not measured. */
  readonly beforeRound?: (round: number) => void | Promise<void>;
  /** Prepares a run of one engine and says what to run and measure, one after the other, and which folder it reads. */
  readonly prepare: (
    engine: Engine,
    round: number,
  ) => Promise<{
    readonly repository: BenchmarkRepository;
    readonly commands: readonly Command[];
    readonly reads: string;
  }>;
  /** Verifies what the run left behind and cleans up; says what was verified. */
  readonly verify: (engine: Engine, isLast: boolean) => Promise<string>;
}

/** One benchmark: its engines, its working folder, and the runs so far. */
export class Benchmark {
  readonly options: BenchmarkOptions;
  readonly engines: readonly Engine[];
  readonly pools: LinePools;
  readonly measurements: Measurement[] = [];
  /** Absolute path of the folder that was restored into last; empty when there is none. */
  target = '';
  #targets = 0;
  readonly #path: string;
  readonly #say: (line: string) => void;

  constructor(options: BenchmarkOptions, engines: readonly Engine[], path: string, say: (line: string) => void) {
    this.options = options;
    this.engines = engines;
    this.pools = makeLinePools(options.seed);
    this.#path = path;
    this.#say = say;
    mkdirSync(options.work, { recursive: true });
    writeFileSync(join(options.work, 'password'), 'benchmark-password\n', { mode: 0o600 });
  }

  say(line: string): void {
    this.#say(line);
  }

  /** The repository of an engine under a name; it may not exist yet. */
  repository(engine: Engine, name: string, service: RepositoryService | null = null): BenchmarkRepository {
    const label = engine.name.replaceAll(/[^\w.]+/g, '-');
    const folder = join(this.options.work, 'repositories', name, label);
    const passwordFile = join(this.options.work, 'password');
    const stored = service?.place(`${name}-${label}`) ?? { s3: null, folder: join(folder, 'repository') };
    return { folder: stored.folder, s3: stored.s3, home: join(folder, 'home'), passwordFile };
  }

  /** Removes what is there and makes an empty repository. */
  async initialize(engine: Engine, repository: BenchmarkRepository): Promise<void> {
    rmSync(repository.folder, { recursive: true, force: true });
    rmSync(repository.home, { recursive: true, force: true });
    mkdirSync(join(repository.folder, '..'), { recursive: true });
    mkdirSync(repository.home, { recursive: true });
    for (const command of engine.init(repository)) await this.run(engine, repository, command);
  }

  /** Runs a command of an engine and returns what it cost and printed. Throws BENCHMARK_FAILED. */
  run(engine: Engine, repository: BenchmarkRepository, command: Command): Promise<Outcome> {
    return runMeasured(invocationOf(engine, repository, command, this.#path));
  }

  /** Ids of the points in a repository, oldest first. */
  async points(engine: Engine, repository: BenchmarkRepository): Promise<string[]> {
    return engine.readPoints((await this.run(engine, repository, engine.listPoints(repository))).output);
  }

  /** Id of the newest point. Throws BENCHMARK_FAILED when there is none. */
  async newestPoint(engine: Engine, repository: BenchmarkRepository): Promise<string> {
    const newest = (await this.points(engine, repository)).at(-1);
    if (newest === undefined)
      throw new PlatformError('BENCHMARK_FAILED', `${engine.name} lists no point after a backup`);
    return newest;
  }

  /** An empty folder to restore into, which is `target` until the next call. */
  emptyTarget(): string {
    const place = join(this.options.work, 'targets');
    this.removeTarget();
    if (!existsSync(place)) makeSpreadingFolder(place);
    this.#targets += 1;
    this.target = join(place, `${process.pid}-${this.#targets}`);
    mkdirSync(this.target);
    return this.target;
  }

  /** Removes the last target, if it is there. */
  removeTarget(): void {
    if (this.target !== '') rmSync(this.target, { recursive: true, force: true });
    this.target = '';
  }

  /** Warms up, then runs the engines in turn, A B A B, and keeps what the counted runs cost. */
  async rounds({ workload, title, engines, beforeRound, prepare, verify }: Rounds): Promise<void> {
    const { runs, warmups } = this.options;
    const counted = new Map<Engine, Run[]>(engines.map((engine) => [engine, []]));
    const verified = new Map<Engine, string>();
    for (let round = 0; round < warmups + runs; round += 1) {
      await beforeRound?.(round);
      for (const engine of engines) {
        const { repository, commands, reads } = await prepare(engine, round);
        bringIntoMemory(reads);
        execFileSync('sync');
        const parts: RunCost[] = [];
        for (const command of commands) parts.push((await this.run(engine, repository, command)).run);
        const measured = { ...joinCosts(parts), stored_bytes: sizeOfTree(repository.folder) };
        const label = round < warmups ? 'warm-up' : `run ${round - warmups + 1}`;
        this.say(`(${workload}) ${engine.name.padEnd(18)} ${label.padEnd(8)} ${describeRun(measured)}`);
        if (round >= warmups) counted.get(engine)?.push(measured);
        verified.set(engine, await verify(engine, round + 1 === warmups + runs));
      }
    }
    for (const [engine, kept] of counted) {
      this.measurements.push({
        workload,
        title,
        engine: engine.name,
        runs: kept,
        verified: verified.get(engine) ?? '',
      });
    }
  }
}

function describeRun({ wall_seconds, user_seconds, system_seconds, peak_memory_bytes, stored_bytes }: Run): string {
  const times = `${wall_seconds.toFixed(2)} s, CPU ${user_seconds.toFixed(2)} + ${system_seconds.toFixed(2)} s`;
  return `${times}, ${Math.round(peak_memory_bytes / 1e6)} MB, stored ${(stored_bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Makes a folder whose subfolders ext4 spreads over the disk, as it does with those of its root. Otherwise a new target
 * gets the inodes of the one that was just removed, and ext4 looks at each to pass it by for a minute: with many small files
 * that takes longer than writing them. Where there is no chattr or another file system, nothing changes.
 */
function makeSpreadingFolder(folder: string): void {
  mkdirSync(folder);
  spawnSync('chattr', ['+T', folder], { stdio: 'ignore' });
}
