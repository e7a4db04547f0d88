import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setClock, type SetClock } from '@enterprise-backup/test-support/set-clock';
import { hasTool, isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadIndex } from '../src/index/load-index.ts';
import { lockRepository } from '../src/locks.ts';
import { applyPrune } from '../src/pruner/apply-prune.ts';
import { planPrune, type PlanPruneOptions } from '../src/pruner/plan-prune.ts';
import { openRepository } from '../src/open-repository.ts';
import type { Repository } from '../src/repository.ts';
import { newCheapRepository } from './cheap-key.ts';
import { password } from './crafted-repository.ts';
import { RandomHistory } from './random-history.ts';
import { runRestic } from './stock-restic.ts';

const everything = { maxUnused: { percent: 0 } } as const;

let folder: string;
let clock: SetClock;
let repository: Repository;
let history: RandomHistory;

beforeEach(async () => {
  folder = temporaryDirectoryForTest('prune');
  clock = setClock('2026-11-01T00:00:00Z');
  repository = await openRepository((await newCheapRepository(folder)).storage, password, clock);
  history = new RandomHistory(repository, 'prune');
});

const prune = async (options: PlanPruneOptions = everything) =>
  applyPrune(repository, await planPrune(repository, options));

/** A file of the repository, made writable. */
const file = (type: 'data' | 'index' | 'snapshots', name: string): string => {
  const path = join(repository.storage.location, type, ...(type === 'data' ? [name.slice(0, 2)] : []), name);
  chmodSync(path, 0o600);
  return path;
};

/** Every file of the repository but its locks, with its content. */
const contents = (): string =>
  readdirSync(repository.storage.location, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name} ${readFileSync(join(entry.parentPath, entry.name)).toString('base64')}`)
    .sort()
    .join('\n');

/** One snapshot that stays and one that is forgotten, and the pack of data that the first one needs. */
const prepare = async (): Promise<string> => {
  await history.addSnapshot({ fresh: 3 });
  const [needed] = history.data;
  await repository.storage.delete('snapshots', await history.addSnapshot({ reused: [], fresh: 3 }));
  const location = needed === undefined ? null : (await loadIndex(repository)).find('data', needed);
  if (location === null) throw new Error('the data is in the index');
  return location.pack;
};

describe('a prune', () => {
  it.each([
    [
      'a snapshot is cut short',
      'SNAPSHOT_DAMAGED',
      async () => {
        const [name = ''] = await repository.listNames('snapshots');
        truncateSync(file('snapshots', name), 10);
      },
    ],
    [
      'an index file is cut short',
      'INDEX_DAMAGED',
      async () => {
        const [name = ''] = await repository.listNames('index');
        truncateSync(file('index', name), 10);
      },
    ],
    [
      'all index files are gone',
      'BLOB_MISSING',
      async () => {
        for (const name of await repository.listNames('index')) rmSync(file('index', name));
      },
    ],
    ['a needed pack is gone', 'PACK_DAMAGED', async (pack: string) => rmSync(file('data', pack))],
    ['a needed pack is cut short', 'PACK_DAMAGED', async (pack: string) => truncateSync(file('data', pack), 50)],
  ])('changes nothing when %s', async (_what, code, damage) => {
    await damage(await prepare());
    const before = contents();
    await expect(prune({ ...everything, graceSeconds: 0 })).rejects.toMatchObject({ code });
    expect(contents()).toBe(before);
  });

  it('takes a damaged blob from another pack, and without one takes nothing out of the index', async () => {
    const forgotten = await history.addSnapshot({ fresh: 4 });
    const [kept, other] = history.data;
    if (kept === undefined || other === undefined) throw new Error('the snapshot has data');
    await history.addSnapshot({ reused: [kept], fresh: 0 });
    await repository.storage.delete('snapshots', forgotten);
    const location = (await loadIndex(repository)).find('data', kept);
    if (location === null) throw new Error('the data is in the index');
    const path = file('data', location.pack);
    const bytes = readFileSync(path);
    const at = location.offset + 20;
    writeFileSync(path, bytes.fill((bytes[at] ?? 0) ^ 1, at, at + 1));
    const index = await repository.listNames('index');
    await expect(prune({ ...everything, graceSeconds: 0 })).rejects.toMatchObject({ code: 'BLOB_DAMAGED' });
    expect(await repository.listNames('index')).toEqual(expect.arrayContaining(index));
    expect(await repository.listNames('data')).toContain(location.pack);

    await history.store([kept, other]);
    await prune({ ...everything, graceSeconds: 0 });
    expect(await history.findFaults()).toEqual([]);
    expect(await repository.listNames('data')).not.toContain(location.pack);
  });

  it('applies a plan once, to its repository, and not after another prune', async () => {
    await prepare();
    const plan = await planPrune(repository, everything);
    const late = await planPrune(repository, everything);
    await applyPrune(repository, plan);
    await expect(applyPrune(repository, plan)).rejects.toMatchObject({ code: 'PLAN_STALE' });
    await expect(applyPrune(repository, late)).rejects.toMatchObject({ code: 'PLAN_STALE' });
    const other = await newCheapRepository(join(folder, 'other'));
    const foreign = await planPrune(repository, everything);
    await expect(applyPrune(other, foreign)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    expect(await history.findFaults()).toEqual([]);
  });

  it('plans and repacks beside a backup, but changes the index only without one', async () => {
    await prepare();
    const lock = await lockRepository(repository, 'shared');
    const index = await repository.listNames('index');
    await expect(prune()).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    expect(await repository.listNames('index')).toEqual(expect.arrayContaining(index));
    await lock.release();
    expect((await prune()).packs_marked).toBeGreaterThan(0);
  });

  it('keeps what a snapshot needs that was made between plan and application', async () => {
    await prepare();
    const doomed = history.data.slice(3);
    const plan = await planPrune(repository, { ...everything, graceSeconds: 0 });
    expect(plan.report.packs.mark).toBeGreaterThan(0);
    await history.addSnapshot({ reused: doomed, fresh: 1 });
    await applyPrune(repository, plan);
    expect(await history.findFaults()).toEqual([]);
  });

  it('keeps to its ceiling, and merges small packs when it may', async () => {
    for (let number = 0; number < 12; number += 1) await history.addSnapshot({ fresh: 1 });
    const refused = await planPrune(repository, { ...everything, maxRepackBytes: 0 });
    expect(refused.report).toMatchObject({ bytes_to_move: 0, packs: { repack: 0 } });
    const packs = (await repository.listNames('data')).length;
    await prune({ ...everything, graceSeconds: 0 });
    expect(await history.findFaults()).toEqual([]);
    expect((await repository.listNames('data')).length).toBeLessThan(packs / 2);
    expect((await planPrune(repository, everything)).report.packs.repack).toBe(0);
  });

  it.skipIf(!isRoot)('puts off what the file system protects, and says so', async () => {
    await prepare();
    await prune();
    clock.advance(24 * 3600);
    const [doomed] = (await planPrune(repository, everything)).packs().filter(({ action }) => action === 'delete');
    if (doomed === undefined) throw new Error('a pack is past its grace');
    const path = file('data', doomed.pack);
    execFileSync('chattr', ['+i', path]);
    try {
      expect((await prune()).put_off).toEqual([`data/${doomed.pack}`]);
      expect(await repository.listNames('data')).toContain(doomed.pack);
    } finally {
      execFileSync('chattr', ['-i', path]);
    }
    expect(await prune()).toMatchObject({ packs_deleted: 1, put_off: [] });
  });
});

describe.skipIf(!hasTool('restic'))('prune and stock restic', () => {
  const restic = async (...args: readonly string[]): Promise<string> => {
    const ran = await runRestic(repository.storage.location, ...args);
    expect(ran, args.join(' ')).toMatchObject({ status: 0 });
    return ran.stdout;
  };

  it('restic prunes what is marked here', async () => {
    await prepare();
    await prune();
    expect(await restic('check', '--read-data')).toContain('not referenced in any index');
    await restic('prune', '--max-unused', '0');
    expect(await restic('check', '--read-data')).not.toContain('not referenced');
    expect(await history.findFaults()).toEqual([]);
    await prune();
    expect(await history.findFaults()).toEqual([]);
  });

  it('what restic wrote and forgot is pruned here', async () => {
    const source = join(folder, 'source');
    mkdirSync(source);
    for (const round of [1, 2, 3]) {
      for (const name of ['a', 'b', 'c'])
        writeFileSync(join(source, name), `${name} ${name === 'a' ? 0 : round} `.repeat(20_000));
      await restic('backup', source);
    }
    await restic('forget', '--keep-last', '1');
    await prune();
    await restic('check', '--read-data');
    clock.advance(24 * 3600);
    expect((await prune()).packs_deleted).toBeGreaterThan(0);
    expect(await restic('check', '--read-data')).not.toContain('not referenced');
    const restored = join(folder, 'restored');
    await restic('restore', 'latest', '--target', restored);
    for (const name of ['a', 'b', 'c']) {
      expect(readFileSync(join(restored, source, name))).toEqual(readFileSync(join(source, name)));
    }
  });
});
