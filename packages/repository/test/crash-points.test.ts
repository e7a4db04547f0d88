import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { setClock } from '@enterprise-backup/test-support/set-clock';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { check } from '../src/checker/check.ts';
import { copySnapshots } from '../src/copier/copy.ts';
import { inParallel } from '../src/in-parallel.ts';
import { addKey } from '../src/keys/change-keys.ts';
import { applyPrune } from '../src/pruner/apply-prune.ts';
import { planPrune } from '../src/pruner/plan-prune.ts';
import { applyPackRepair, planPackRepair } from '../src/repairer/repair-packs.ts';
import { openRepository } from '../src/open-repository.ts';
import { forgetSnapshots, listSnapshots } from '../src/snapshots.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { newCheapRepository } from './cheap-key.ts';
import { password } from './crafted-repository.ts';
import {
  contentOf,
  expectRestorable,
  expectResticContent,
  filesOf,
  flipBit,
  largestOf,
  makeFixture,
  packsOf,
  reopen,
  type Fixture,
  type Point,
} from './damaged-repository.ts';
import { killPoints, runAndKill, type KillPoint } from './kill-at-write.ts';
import { operations, pruneEverything, type Operation } from './operations.ts';
import { readPoint } from './read-point.ts';
import { makeState, recordWrites } from './recorded-writes.ts';
import { chooseCases, isLongRun } from './run-length.ts';
import { runRestic } from './stock-restic.ts';

const entry = new URL('./operation-process.ts', import.meta.url);
const fresh = 'a fresh password';
/** Crash points of an operation that a short run tries. */
const tried = 1;
/** The operation that a short run really kills, once; the others are only taken apart. */
const killed = chooseCases('killed', Object.keys(operations) as Operation[], 1);
/** States that are judged at a time: much of it is the waiting of the lock's protocol and of restic. */
const together = 6;

/** An operation, the repository that it starts from, and what must hold after each crash and at the end. */
interface Case {
  readonly operation: Operation;
  readonly base: string;
  readonly argument: string;
  /** Points that can be read at any moment. */
  readonly points: readonly Point[];
  /** Whether stock restic never finds more than packs that no index lists. */
  readonly sound: boolean;
  atEnd(location: string, scratch: string): Promise<void>;
}

const isReferenceHint = (line: string) => /not referenced in any index|additional files were found|prune/.test(line);

/** Stock restic finds nothing wrong but packs that no index lists. The lock of the process that crashed is still there. */
async function expectSound(location: string): Promise<void> {
  if (!hasTool('restic')) return;
  const ran = await runRestic(location, 'check', '--no-lock');
  const complaints = ran.stderr.split('\n').filter((line) => line !== '' && !isReferenceHint(line));
  expect(complaints).toEqual([]);
  expect(ran.status).toBe(0);
}

async function expectReadable(location: string, points: readonly Point[]): Promise<void> {
  const repository = await reopen({ location });
  for (const point of points) expect(await readPoint(repository, point)).toEqual(contentOf(point.content));
}

async function expectClean(location: string): Promise<void> {
  const { findings } = await check(await reopen({ location }), { readData: isLongRun });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
}

/** What restic and a restore see of a state: the names, which tell the content, without temporary files and locks. */
function fingerprintOf(location: string): string {
  const hash = createHash('sha256');
  for (const kind of ['data', 'index', 'keys', 'snapshots']) {
    for (const path of filesOf(location, kind).sort()) {
      if (!path.includes('-tmp-')) hash.update(path.slice(location.length));
    }
  }
  return hash.digest('hex');
}

describe('a crash at every write, torn or whole', () => {
  let directory: TemporaryDirectory;
  let whole: Fixture;

  beforeAll(async () => {
    directory = temporaryDirectory('crash-points');
    // Each lock listens for SIGHUP, and several operations run at a time.
    process.setMaxListeners(100);
    whole = await makeFixture(directory.path);
  });

  afterAll(() => {
    directory.remove();
  });

  const copyOfWhole = (name: string): Fixture => {
    const location = join(directory.path, name);
    cpSync(whole.location, location, { recursive: true });
    return { ...whole, location };
  };

  /** Runs an operation once, then makes what a crash at each of its writes leaves, and at one of them crashes indeed. */
  const forEachState = async (
    { operation, base, argument }: Pick<Case, 'operation' | 'base' | 'argument'>,
    judge: (location: string, point: KillPoint | null) => Promise<void>,
  ): Promise<void> => {
    const below = (name: string) => join(directory.path, `state ${basename(base)} ${operation} ${name}`);
    const recorded = below('recorded');
    cpSync(base, recorded, { recursive: true });
    const writes = await recordWrites(entry, [operation, recorded, argument], recorded);
    expect(writes.length).toBeGreaterThan(2);
    await judge(recorded, null);

    const all = killPoints(writes.map(({ kind }) => kind));
    const points = chooseCases(`${operation} ${basename(base)}`, all, tried);
    const states = inParallel(points, together, async (point) => {
      const location = below(`${point.at} ${point.torn}`);
      makeState(base, recorded, writes, point, location);
      await judge(location, point);
      rmSync(location, { recursive: true, force: true });
    });
    for await (const _ of states);
    if (!killed.includes(operation)) return;
    const [last = { at: 1, torn: false }] = chooseCases(`${operation} ${basename(base)} killed`, points.slice(0, 3), 1);
    const location = below('killed');
    cpSync(base, location, { recursive: true });
    await runAndKill(entry, [operation, location, argument], location, last);
    await judge(location, last);
  };

  const crashEverywhere = async (one: Case): Promise<void> => {
    const { operation, argument, points, sound, atEnd } = one;
    const judged = new Set<string>();
    await forEachState(one, async (location, point) => {
      const scratch = `${location} target`;
      if (point !== null) {
        const state = fingerprintOf(location);
        const isNew = !judged.has(state);
        judged.add(state);
        await expectReadable(location, points);
        if (sound && isNew) {
          await expectSound(location);
          if (isLongRun && hasTool('restic')) await expectRestorable(location, points, scratch, ['--no-lock']);
        }
        await operations[operation](location, argument);
      }
      await atEnd(location, scratch);
      // A torn write leaves a temporary file, which nobody takes for a lock.
      expect(filesOf(location, 'locks').filter((path) => !path.includes('-tmp-'))).toEqual([]);
      rmSync(scratch, { recursive: true, force: true });
    });
  };

  const expectAll = async (location: string, scratch: string, points: readonly Point[] = whole.points) => {
    await expectClean(location);
    await expectReadable(location, points);
    if (!isLongRun || !hasTool('restic')) return;
    await expectResticContent(location, true);
    await expectRestorable(location, points, scratch);
  };
  const nothing: readonly Point[] = [];
  const limit = { timeout: 1_800_000 };

  it('a backup leaves all earlier points', limit, async () => {
    const [point] = whole.points;
    if (point === undefined) throw new Error('there is a point');
    writeFileSync(join(point.source, 'inner', 'newer'), 'newer');
    writeFileSync(join(point.source, 'large'), readFileSync(join(point.source, 'large')).reverse());
    await crashEverywhere({
      operation: 'backup',
      base: whole.location,
      argument: point.source,
      points: whole.points,
      sound: true,
      atEnd: async (location, scratch) => {
        const newest = (await listSnapshots(await reopen({ location }))).at(-1);
        if (newest === undefined) throw new Error('there is a snapshot');
        await expectAll(location, scratch, [...whole.points, { ...point, id: newest.id, content: point.source }]);
      },
    });
  });

  it('a prune that marks, deletes and repacks leaves what is needed', limit, async () => {
    const { location } = copyOfWhole('to prune');
    const at = async (time: string) => openRepository(openStorage(location), password, setClock(time));
    const kept = whole.points.filter((_, number) => number !== 1);
    const [, forgotten] = whole.points;
    if (forgotten === undefined) throw new Error('there is a second point');
    const first = await at('2026-11-01T00:00:00Z');
    await forgetSnapshots(first, [forgotten.id]);
    await applyPrune(first, await planPrune(first, pruneEverything));
    // On the second day, what was marked goes, and what is only partly needed is repacked.
    const [large] = kept;
    if (large === undefined) throw new Error('there is a first point');
    const { snapshot_id: doomed } = await backup(first, { source: large.source, parent: null });
    await forgetSnapshots(first, [doomed, large.id]);
    await crashEverywhere({
      operation: 'prune',
      base: location,
      argument: '2026-11-02T00:00:00Z',
      points: kept.slice(1),
      sound: true,
      atEnd: (place, scratch) => expectAll(place, scratch, kept.slice(1)),
    });
  });

  it('a repair of the index ends in a whole one', limit, async () => {
    const { location } = copyOfWhole('index');
    flipBit(largestOf(location, 'index'), 40);
    await crashEverywhere({
      operation: 'repair index',
      base: location,
      argument: '',
      points: nothing,
      sound: false,
      atEnd: expectAll,
    });
  });

  it('a repair of packs keeps every point restorable all the time', limit, async () => {
    const { location } = copyOfWhole('packs');
    const pack = largestOf(location, 'data');
    flipBit(pack, readFileSync(pack).length - 20);
    await crashEverywhere({
      operation: 'repair packs',
      base: location,
      argument: '',
      points: whole.points,
      sound: true,
      atEnd: expectAll,
    });
  });

  it('a repair of snapshots keeps the points that are whole', limit, async () => {
    const fixture = copyOfWhole('snapshots');
    const [lost = largestOf(fixture.location, 'data')] = (
      await packsOf({ ...fixture, repository: await reopen(fixture) }, 'data')
    ).filter((path) => readFileSync(path).length < 600_000);
    rmSync(lost);
    const repository = await reopen(fixture);
    await applyPackRepair(repository, await planPackRepair(repository));
    const touched = new Set((await check(repository)).findings.flatMap(({ points }) => points));
    const untouched = whole.points.filter(({ id }) => !touched.has(id));
    await crashEverywhere({
      operation: 'repair snapshots',
      base: fixture.location,
      argument: '',
      points: untouched,
      sound: false,
      atEnd: async (location, scratch) => {
        await expectAll(location, scratch, untouched);
        expect(await listSnapshots(await reopen({ location }))).toHaveLength(3);
      },
    });
  });

  it.each(chooseCases('heal', ['a replica', 'a copy with another key'], 1))(
    'a heal from %s mends everything',
    limit,
    async (from) => {
      const fixture = copyOfWhole(`heal from ${from}`);
      const [data = ''] = await packsOf({ ...fixture, repository: await reopen(fixture) }, 'data');
      flipBit(largestOf(fixture.location, 'index'), 40);
      flipBit(data, 100);
      let argument = whole.location;
      if (from !== 'a replica') {
        const copy = await newCheapRepository(join(directory.path, 'other key'));
        await copySnapshots(await reopen(whole), copy);
        argument = copy.storage.location;
      }
      const base = fixture.location;
      await crashEverywhere({ operation: 'heal', base, argument, points: nothing, sound: false, atEnd: expectAll });
    },
  );

  it('a copy leaves the target sound and goes on', limit, async () => {
    const target = await newCheapRepository(join(directory.path, 'target'));
    const [own] = whole.points;
    if (own === undefined) throw new Error('there is a point');
    const { copied } = await copySnapshots(await reopen(whole), target, { snapshots: [own.id] });
    await crashEverywhere({
      operation: 'copy',
      base: target.storage.location,
      argument: whole.location,
      points: copied.map(({ to }) => ({ ...own, id: to })),
      sound: true,
      atEnd: async (location, scratch) => {
        const copies = (await listSnapshots(await reopen({ location }))).map(({ id, snapshot }) => {
          const point = whole.points.find((one) => one.id === snapshot.original);
          if (point === undefined) throw new Error('each snapshot is the copy of a point');
          return { ...point, id };
        });
        expect(copies).toHaveLength(3);
        await expectAll(location, scratch, copies);
      },
    });
  });

  const opens = async (location: string, secret: string): Promise<boolean> =>
    openRepository(openStorage(location), secret, systemClock).then(
      () => true,
      () => false,
    );

  it.each(chooseCases('passwords', ['change password', 'rotate keys'] as const, 1))(
    '%s leaves the old or the new password, or both',
    limit,
    async (operation) => {
      const base = copyOfWhole(operation).location;
      await forEachState({ operation, base, argument: fresh }, async (location, point) => {
        const [old, next] = [await opens(location, password), await opens(location, fresh)];
        expect(old || next, JSON.stringify(point)).toBe(true);
        if (old) {
          await expectSound(location);
          await operations[operation](location, fresh);
        }
        expect([await opens(location, password), await opens(location, fresh)]).toEqual([false, true]);
      });
    },
  );

  it.each(chooseCases('keys', ['add key', 'remove key'] as const, 1))(
    '%s leaves the password in use',
    limit,
    async (operation) => {
      const base = copyOfWhole(operation).location;
      const argument = operation === 'remove key' ? await addKey(await reopen({ location: base }), fresh) : fresh;
      await forEachState({ operation, base, argument }, async (location) => {
        expect(await opens(location, password)).toBe(true);
        await expectSound(location);
        if (operation === 'add key' || (await opens(location, fresh))) await operations[operation](location, argument);
        expect(await opens(location, fresh)).toBe(operation === 'add key');
      });
    },
  );
});
