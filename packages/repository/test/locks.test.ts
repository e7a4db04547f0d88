import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { asBlobId, asPackId } from '../src/format/blob.ts';
import { IndexWriter } from '../src/index/index-writer.ts';
import { readLock, refreshInterval } from '../src/lock-file.ts';
import { lockRepository, withLock } from '../src/locks.ts';
import { throwIfAborted } from '../src/pauses.ts';
import type { Repository } from '../src/repository.ts';
import { saveSnapshot } from '../src/snapshots.ts';
import { unlockRepository } from '../src/unlock.ts';
import { newRepository, password, snapshotOf } from './crafted-repository.ts';

describe('a lock', () => {
  let folder: string;
  let repository: Repository;

  beforeEach(async () => {
    folder = temporaryDirectoryForTest('locks');
    repository = await newRepository(folder);
  });

  const lockOf = (pid: number, exclusive: boolean, host = hostname(), minutesOld = 0) => {
    const time = new Date(Date.now() - minutesOld * 60_000).toISOString();
    const lock = { time, exclusive, hostname: host, username: 'root', pid };
    return repository.saveUnpacked('locks', Buffer.from(JSON.stringify(lock)));
  };
  const checked = () => Promise.all([...repository.heldLocks].map((lock) => lock.checked));
  const endedProcess = async (): Promise<number> => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    return child.pid ?? 0;
  };

  it('is shared with shared ones and refused beside an exclusive one', async () => {
    const first = await lockRepository(repository, 'shared');
    const second = await lockRepository(repository, 'shared');
    await expect(lockRepository(repository, 'exclusive')).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    await first.release();
    await second.release();
    const exclusive = await lockRepository(repository, 'exclusive');
    await expect(lockRepository(repository, 'shared')).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    await exclusive.release();
    expect(await repository.listNames('locks')).toEqual([]);
  });

  it('of a dead process on this machine is removed; of another machine it counts', async () => {
    const pid = await endedProcess();
    await lockOf(pid, true);
    await (await lockRepository(repository, 'shared')).release();
    expect(await repository.listNames('locks')).toEqual([]);
    await lockOf(pid, true, 'another-machine');
    await expect(lockRepository(repository, 'shared')).rejects.toMatchObject({
      code: 'REPOSITORY_LOCKED',
      message: expect.stringContaining('another-machine') as string,
    });
  });

  it('of another machine stops to count once it was not refreshed for 30 minutes', async () => {
    await lockOf(4711, true, 'another-machine', 29);
    await expect(lockRepository(repository, 'shared')).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    await unlockRepository(repository, { all: true });
    await lockOf(4711, true, 'another-machine', 31);
    const lock = await lockRepository(repository, 'exclusive');
    expect(await repository.listNames('locks')).toHaveLength(1);
    await lock.release();
  });

  /** From now on clock and timers go by what `advance` is told. */
  const holdTime = (): void => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
  };

  it('is written anew every five minutes', async () => {
    holdTime();
    const lock = await lockRepository(repository, 'shared');
    for (let round = 0; round < 2; round += 1) {
      const before = await repository.listNames('locks');
      vi.advanceTimersByTime(refreshInterval);
      const changed = async () => (await repository.listNames('locks')).filter((name) => !before.includes(name)).length;
      await expect.poll(changed, { timeout: 60_000 }).toBe(1);
      await expect.poll(() => repository.listNames('locks'), { timeout: 60_000 }).toHaveLength(1);
    }
    expect(lock.lost.aborted).toBe(false);
    await lock.release();
    expect(await repository.listNames('locks')).toEqual([]);
  });

  it.each([
    ['and who took it is done', () => Promise.resolve()],
    ['and somebody else works there now', () => lockOf(4711, true, 'another-machine').then(() => undefined)],
  ])('that was taken away meanwhile stops the work, %s', async (_what, another) => {
    holdTime();
    const work = withLock(repository, 'shared', undefined, async (stop) => {
      await checked();
      await unlockRepository(repository, { all: true });
      await another();
      const stopped = once(stop, 'abort');
      vi.advanceTimersByTime(refreshInterval);
      await stopped;
      throwIfAborted(stop);
    });
    await expect(work).rejects.toMatchObject({ code: 'REPOSITORY_LOCK_LOST' });
    const names = await repository.listNames('locks');
    for (const name of names) expect(await readLock(repository, name)).toMatchObject({ pid: 4711 });
  });

  it('lets work begin at once, and throws its result away when another one was written at the same moment', async () => {
    const other = () => lockOf(4711, true, 'another-machine');
    const reading = withLock(repository, 'shared', undefined, async () => {
      await other();
      return 'result';
    });
    await expect(reading).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    await unlockRepository(repository, { all: true });
    const storing = withLock(repository, 'shared', undefined, async () => {
      await other();
      await saveSnapshot(repository, snapshotOf(asBlobId('ab'.repeat(32))));
    });
    await expect(storing).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    expect(await repository.listNames('snapshots')).toEqual([]);
    await unlockRepository(repository, { all: true });
    const listing = withLock(repository, 'shared', undefined, async () => {
      await other();
      const index = new IndexWriter(repository);
      await index.add({ id: asPackId('cd'.repeat(32)), blobs: [] });
      await index.flush();
    });
    await expect(listing).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    expect(await repository.listNames('index')).toEqual([]);
    expect(await repository.listNames('locks')).toHaveLength(1);
  });

  it('is looked at before a snapshot is stored: a machine that slept may have lost it', async () => {
    const snapshot = snapshotOf(asBlobId('ab'.repeat(32)));
    const sleep = async (others: () => Promise<void>) => {
      await withLock(repository, 'shared', undefined, async () => {
        await checked();
        // No timer runs in sleep.
        vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * 60 * 60_000 });
        await others();
        await saveSnapshot(repository, snapshot);
      }).finally(() => {
        vi.useRealTimers();
      });
    };
    const work = sleep(async () => {
      await (await lockRepository(repository, 'exclusive')).release();
    });
    await expect(work).rejects.toMatchObject({ code: 'REPOSITORY_LOCK_LOST' });
    expect(await repository.listNames('snapshots')).toEqual([]);
    await sleep(() => Promise.resolve());
    expect(await repository.listNames('snapshots')).toHaveLength(1);
    expect(await repository.listNames('locks')).toEqual([]);
  });

  it('that cannot be written anew stops the work before others may take it', async () => {
    holdTime();
    const lock = await lockRepository(repository, 'shared');
    const put = vi.spyOn(repository.storage, 'put').mockRejectedValue(new PlatformError('STORAGE_UNAVAILABLE', 'gone'));
    const started = Date.now();
    while (!lock.lost.aborted) {
      vi.advanceTimersByTime(60_000);
      await turn();
    }
    expect(Date.now() - started).toBeGreaterThan(4 * refreshInterval);
    expect(Date.now() - started).toBeLessThan(5 * refreshInterval);
    await expect(lock.confirm()).rejects.toMatchObject({ code: 'REPOSITORY_LOCK_LOST' });
    put.mockRestore();
    await lock.release();
    expect(await repository.listNames('locks')).toEqual([]);
  });

  it('survives the SIGHUP by which restic asks whether its holder lives', async () => {
    const lock = await lockRepository(repository, 'shared');
    process.kill(process.pid, 'SIGHUP');
    await lock.release();
  });

  describe.skipIf(!hasTool('restic'))('beside stock restic', () => {
    const options = (): string[] => {
      const passwordFile = join(folder, 'password');
      writeFileSync(passwordFile, password);
      return ['--repo', repository.storage.location, '--password-file', passwordFile, '--no-cache'];
    };

    it('is respected by it, and left alone by its unlock', async () => {
      const lock = await lockRepository(repository, 'shared');
      const prune = () => execFileSync('restic', [...options(), 'prune'], { stdio: 'pipe' });
      expect(prune).toThrow(/repository is already locked/);
      execFileSync('restic', [...options(), 'unlock'], { stdio: 'pipe' });
      expect(await repository.listNames('locks')).toHaveLength(1);
      await lock.release();
      prune();
    });

    it('respects those of one that runs, and waits for them', async () => {
      const child = spawn('restic', [...options(), 'backup', '--stdin'], { stdio: ['pipe', 'ignore', 'inherit'] });
      const ended = once(child, 'close');
      await expect.poll(() => repository.listNames('locks'), { timeout: 60_000 }).toHaveLength(1);
      await (await lockRepository(repository, 'shared')).release();
      await expect(lockRepository(repository, 'exclusive')).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
      const snapshotsSeen = withLock(
        repository,
        'exclusive',
        undefined,
        () => repository.listNames('snapshots'),
        Number.MAX_SAFE_INTEGER / 1000,
      );
      child.stdin.end('from stdin');
      // restic removes its lock after it has stored its snapshot.
      expect(await snapshotsSeen).toHaveLength(1);
      expect(await ended).toEqual([0, null]);
    });

    it('waits no longer once it is cancelled', async () => {
      const lock = await lockRepository(repository, 'exclusive');
      const stop = new AbortController();
      const waiting = withLock(repository, 'shared', stop.signal, () => Promise.resolve(), 3600);
      stop.abort();
      await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
      await lock.release();
    });
  });
});

describe('an unlock', () => {
  it('removes what nobody stands behind, says why, and leaves the rest unless it is told otherwise', async () => {
    const folder = temporaryDirectoryForTest('unlock');
    const repository = await newRepository(folder);
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const save = (host: string, pid: number, minutesOld: number) =>
      repository.saveUnpacked(
        'locks',
        Buffer.from(
          JSON.stringify({
            time: new Date(Date.now() - minutesOld * 60_000).toISOString(),
            exclusive: false,
            hostname: host,
            username: 'root',
            pid,
          }),
        ),
      );
    const dead = await save(hostname(), child.pid ?? 0, 0);
    const stale = await save('another-machine', 1, 31);
    const held = await save('another-machine', 1, 29);
    const own = await save(hostname(), process.pid, 0);
    const unreadable = 'ab'.repeat(32);
    await repository.storage.put('locks', unreadable, Buffer.alloc(0));

    const judged = (locks: readonly { id: string; state: string }[]) =>
      new Map(locks.map(({ id, state }) => [id, state]));
    const first = await unlockRepository(repository);
    expect(judged(first.removed)).toEqual(
      new Map([
        [dead, 'dead'],
        [stale, 'stale'],
      ]),
    );
    expect(judged(first.kept)).toEqual(
      new Map([
        [held, 'held'],
        [own, 'held'],
        [unreadable, 'unreadable'],
      ]),
    );
    expect(first.removed.find(({ id }) => id === stale)?.reason).toMatch(
      /process 1 of root on another-machine .*30 minutes/,
    );
    expect(await repository.listNames('locks')).toEqual([held, own, unreadable].sort());

    const second = await unlockRepository(repository, { all: true });
    expect(second.removed).toHaveLength(3);
    expect(await repository.listNames('locks')).toEqual([]);
  });
});
