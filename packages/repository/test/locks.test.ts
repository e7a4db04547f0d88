import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { refreshInterval } from '../src/lock-file.ts';
import { lockRepository } from '../src/locks.ts';
import { unlockRepository } from '../src/unlock.ts';
import type { Repository } from '../src/repository.ts';
import { newRepository, password } from './crafted-repository.ts';

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

  it('that was taken away meanwhile is refreshed, or lost when somebody else works there now', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const lock = await lockRepository(repository, 'shared');
    const refreshed = async (): Promise<void> => {
      const before = await repository.listNames('locks');
      vi.advanceTimersByTime(refreshInterval);
      const changed = async () => !(await repository.listNames('locks')).some((name) => before.includes(name));
      await expect.poll(changed, { timeout: 60_000 }).toBe(true);
    };
    await refreshed();
    await unlockRepository(repository, { all: true });
    vi.advanceTimersByTime(refreshInterval);
    await expect.poll(() => repository.listNames('locks'), { timeout: 60_000 }).toHaveLength(1);
    expect(lock.lost.aborted).toBe(false);

    await unlockRepository(repository, { all: true });
    await lockOf(4711, true, 'another-machine');
    const lost = once(lock.lost, 'abort');
    vi.advanceTimersByTime(refreshInterval);
    await lost;
    await lock.release();
  });

  it('survives the SIGHUP by which restic asks whether its holder lives', async () => {
    const lock = await lockRepository(repository, 'shared');
    process.kill(process.pid, 'SIGHUP');
    await lock.release();
  });

  it.skipIf(!hasTool('restic'))('is respected by stock restic, and respects its locks', async () => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password);
    const args = ['--repo', repository.storage.location, '--password-file', passwordFile, '--no-cache'];
    const lock = await lockRepository(repository, 'shared');
    expect(() => execFileSync('restic', [...args, 'prune'], { stdio: 'pipe' })).toThrow(/repository is already locked/);
    execFileSync('restic', [...args, 'unlock'], { stdio: 'pipe' });
    expect(await repository.listNames('locks')).toHaveLength(1);
    await lock.release();
    execFileSync('restic', [...args, 'prune'], { stdio: 'pipe' });
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
