import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { snapshotId } from '@enterprise-backup/contracts/ids';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { check } from '../../src/checker/check.ts';
import { applyPrune } from '../../src/pruner/apply-prune.ts';
import { planPrune } from '../../src/pruner/plan-prune.ts';
import { openRepository } from '../../src/open-repository.ts';
import type { Repository } from '../../src/repository.ts';
import { listSnapshots } from '../../src/snapshots.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { newCheapRepository } from '../cheap-key.ts';
import { password } from '../crafted-repository.ts';
import { contentOf, type Point } from '../damaged-repository.ts';
import { SeededNumbers } from '../random-history.ts';
import { readPoint } from '../read-point.ts';
import { runRestic } from '../stock-restic.ts';
import { sharedContents } from './shared-contents.ts';

const agents = ['one', 'two', 'three', 'four'] as const;
const agentProcess = new URL('./agent-process.ts', import.meta.url).pathname;

/** What happened, and what is wrong: nothing when all is well. */
export interface SoakOutcome {
  readonly points: number;
  readonly prunes: number;
  readonly packsDeleted: number;
  readonly resticBackups: number;
  readonly resticChecks: number;
  readonly faults: readonly string[];
}

/**
 * Has four agents back up into one repository and forget points, each in a process of its own, while prune runs without a
 * pause and a stock restic, where there is one, backs up and checks. Then every point that was not forgotten must have its
 * content, to us and to restic. `folder` is empty and takes everything.
 */
export async function useConcurrently(folder: string, seed: string, rounds: number): Promise<SoakOutcome> {
  const { location } = (await newCheapRepository(folder)).storage;
  const open = () => openRepository(openStorage(location), password, systemClock);
  const faults: string[] = [];
  let working = agents.length;
  const runAgent = async (name: string): Promise<void> => {
    const args = ['--disable-warning=ExperimentalWarning', agentProcess, location, folder, seed, name, String(rounds)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [status] = (await once(child, 'close')) as [number | null];
    if (status !== 0) faults.push(`the agent ${name} ended with ${status}: ${stderr}`);
    working -= 1;
  };
  const stillWorking = () => working > 0;
  const [pruned, restic] = await Promise.all([
    pruneWhile(await open(), seed, stillWorking),
    hasTool('restic') ? useResticWhile(location, folder, seed, stillWorking, faults) : noRestic,
    ...agents.map(runAgent),
  ]);

  const repository = await open();
  const points = agents.flatMap((name) => pointsOf(folder, name));
  if (restic.point !== null) points.push(restic.point);
  for (const point of points) {
    const read = await readPoint(repository, point).catch((error: unknown) => String(error));
    const differs = typeof read === 'string' ? read : compare(read, contentOf(point.content));
    if (differs !== null) faults.push(`the point ${point.id}: ${differs}`);
  }
  const { findings, snapshots } = await check(repository, { readData: true });
  for (const { severity, code, message } of findings) if (severity === 'error') faults.push(`${code}: ${message}`);
  const expected = points.length + Math.max(restic.backups - 1, 0);
  if (snapshots !== expected) faults.push(`there are ${snapshots} snapshots, expected are ${expected}`);
  if (hasTool('restic')) {
    const last = await runRestic(location, 'check', '--read-data');
    if (last.status !== 0) faults.push(`restic check at the end: ${last.stdout}${last.stderr}`);
  }
  return {
    points: points.length,
    prunes: pruned.runs,
    packsDeleted: pruned.deleted,
    resticBackups: restic.backups,
    resticChecks: restic.checks,
    faults,
  };
}

async function pruneWhile(
  repository: Repository,
  seed: string,
  working: () => boolean,
): Promise<{ readonly runs: number; readonly deleted: number }> {
  const numbers = new SeededNumbers(`${seed} prune`);
  let runs = 0;
  let deleted = 0;
  while (working()) {
    const settings = {
      graceSeconds: numbers.pick([0, 0, 2]),
      maxUnused: numbers.pick([{ percent: 0 }, { percent: 20 }, 'unlimited' as const]),
    };
    try {
      const result = await applyPrune(repository, await planPrune(repository, settings));
      runs += 1;
      deleted += result.packs_deleted;
    } catch (error) {
      // Others hold the lock, or were faster.
      const passes = ['REPOSITORY_LOCKED', 'PLAN_STALE'];
      if (!(error instanceof PlatformError) || !passes.includes(error.code)) throw error;
    }
    await delay(numbers.next(200));
  }
  return { runs, deleted };
}

interface ResticUse {
  readonly backups: number;
  readonly checks: number;
  /** The newest point of restic. */
  readonly point: Point | null;
}

const noRestic: ResticUse = { backups: 0, checks: 0, point: null };

/** Backs up and checks with restic, which knows no waiting in its older versions: it is asked until it gets its lock. */
async function useResticWhile(
  location: string,
  folder: string,
  seed: string,
  working: () => boolean,
  faults: string[],
): Promise<ResticUse> {
  const numbers = new SeededNumbers(`${seed} restic`);
  const contents = sharedContents(seed);
  const source = join(folder, 'source of restic');
  mkdirSync(source);
  let backups = 0;
  let checks = 0;
  const ask = async (...args: readonly string[]): Promise<boolean> => {
    for (;;) {
      const ran = await runRestic(location, ...args);
      if (ran.status === 0) return true;
      if (!/already locked/.test(ran.stderr)) {
        faults.push(`restic ${args.join(' ')}: ${ran.stdout}${ran.stderr}`);
        return false;
      }
      await delay(50 + numbers.next(300));
    }
  };
  do {
    for (let change = 0; change < 3; change += 1) {
      writeFileSync(join(source, `file ${numbers.next(4)}`), numbers.pick(contents));
    }
    if (await ask('backup', source, '--host', 'restic')) backups += 1;
    if (await ask('check')) checks += 1;
  } while (working() && faults.length === 0);
  const snapshots = await listSnapshots(await openRepository(openStorage(location), password, systemClock));
  const own = snapshots.findLast(({ snapshot }) => snapshot.hostname === 'restic');
  return { backups, checks, point: own === undefined ? null : { id: own.id, source, content: source } };
}

function pointsOf(folder: string, agent: string): Point[] {
  const kept = join(folder, `points ${agent}`);
  return readdirSync(kept).map((name) => {
    return { id: snapshotId.parse(name), source: join(folder, `source ${agent}`), content: join(kept, name) };
  });
}

function compare(read: ReadonlyMap<string, Buffer>, expected: ReadonlyMap<string, Buffer>): string | null {
  if (read.size !== expected.size) return `it has ${read.size} files, expected are ${expected.size}`;
  for (const [name, content] of expected) {
    if (read.get(name)?.equals(content) !== true) return `${name} is not what it was`;
  }
  return null;
}
