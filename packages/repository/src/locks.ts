import { hostname, userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { describeHolder, hasProcessEnded, judgeLock, readLock, refreshInterval, staleAge } from './lock-file.ts';
import type { Repository } from './repository.ts';

/** How long restic's protocol waits for locks that were written at the same moment, in milliseconds. */
const checkDelay = 200;
/** Work stops when no refresh has succeeded for this long: well before others may take the lock as stale. */
const refreshDeadline = staleAge - refreshInterval * 1.5;

/** A lock that this process holds. */
export interface HeldLock {
  /** Aborts when the lock could not be refreshed in time, or was taken away: all writes must stop then. */
  readonly lost: AbortSignal;
  /** Removes the lock file and stops refreshing. */
  release(): Promise<void>;
}

/**
 * Locks the repository by restic's protocol: list, write the own lock, wait, list again. `shared` allows other shared
 * locks, `exclusive` allows none. Throws REPOSITORY_LOCKED.
 *
 * Locks that nobody stands behind are removed on the way: those of ended processes of this machine, and those that were
 * not refreshed for 30 minutes. restic leaves the second kind to its `unlock`; here nobody is there to type that, and
 * the kill of an agent must not stop backups for good. It is safe because each holder stops writing when it could not
 * refresh for 22.5 minutes, and because a holder that finds its lock gone looks for conflicts before it goes on: a
 * machine that slept, or whose clock is wrong, notices at its next refresh.
 */
export async function lockRepository(repository: Repository, mode: 'shared' | 'exclusive'): Promise<HeldLock> {
  const exclusive = mode === 'exclusive';
  await refuseConflicts(repository, exclusive, null);
  let name = await writeLock(repository, exclusive);
  try {
    await delay(checkDelay);
    await refuseConflicts(repository, exclusive, name);
  } catch (error) {
    await repository.storage.delete('locks', name);
    throw error;
  }

  // restic's unlock asks a process on the same host whether it lives with SIGHUP, which would end it.
  const ignoreHangup = () => undefined;
  process.on('SIGHUP', ignoreHangup);
  const lost = new AbortController();
  let refreshedAt = repository.clock.now().getTime();
  let refreshing = Promise.resolve();
  const refresh = async () => {
    try {
      const previous = name;
      // The new file stands before the old one goes, so that there is no moment without a lock.
      name = await writeLock(repository, exclusive);
      const wasTaken = (await repository.storage.stat('locks', previous)) === null;
      if (wasTaken) await refuseConflicts(repository, exclusive, name);
      refreshedAt = repository.clock.now().getTime();
      await repository.storage.delete('locks', previous);
    } catch (error) {
      const conflict = error instanceof PlatformError && error.code === 'REPOSITORY_LOCKED';
      if (conflict || repository.clock.now().getTime() - refreshedAt > refreshDeadline) lost.abort();
    }
  };
  const timer = setInterval(() => {
    refreshing = refreshing.then(refresh);
  }, refreshInterval);
  timer.unref();
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      await refreshing;
      process.off('SIGHUP', ignoreHangup);
      await repository.storage.delete('locks', name);
    },
  };
}

/**
 * Runs `work` under a lock, which is released however it ends. The signal aborts when the lock is lost or `signal` does. A
 * state of the past takes no lock: nobody can change it. Throws REPOSITORY_LOCKED, and STORAGE_READ_ONLY for an exclusive
 * lock on a state of the past.
 */
export async function withLock<Result>(
  repository: Repository,
  mode: 'shared' | 'exclusive',
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (repository.storage.readOnly && mode === 'shared') return work(signal ?? new AbortController().signal);
  const lock = await lockRepository(repository, mode);
  try {
    return await work(signal === undefined ? lock.lost : AbortSignal.any([signal, lock.lost]));
  } finally {
    await lock.release();
  }
}

async function writeLock(repository: Repository, exclusive: boolean): Promise<string> {
  const { username, uid, gid } = userInfo();
  const json = JSON.stringify({
    time: repository.clock.now().toISOString(),
    exclusive,
    hostname: hostname(),
    username,
    pid: process.pid,
    uid: uid > 0 ? uid : undefined,
    gid: gid > 0 ? gid : undefined,
  });
  return repository.saveUnpacked('locks', Buffer.from(json));
}

/** Removes locks that nobody stands behind, then throws REPOSITORY_LOCKED for one that forbids ours. Unreadable files forbid nothing. */
async function refuseConflicts(repository: Repository, exclusive: boolean, own: string | null): Promise<void> {
  for (const name of await repository.listNames('locks')) {
    if (name === own) continue;
    const lock = await readLock(repository, name);
    if (lock === null || lock === 'unreadable') continue;
    if (judgeLock(lock, repository.clock.now(), hasProcessEnded) !== 'held') {
      await repository.storage.delete('locks', name);
      continue;
    }
    if (!lock.exclusive && !exclusive) continue;
    const kind = lock.exclusive ? ' exclusively' : '';
    throw new PlatformError(
      'REPOSITORY_LOCKED',
      `the repository is locked${kind} by ${describeHolder(lock)} since ${lock.time}`,
    );
  }
}
