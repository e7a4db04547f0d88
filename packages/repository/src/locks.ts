import { hostname, userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { describeHolder, hasProcessEnded, judgeLock, readLock } from './lock-file.ts';
import { throwIfAborted } from './pauses.ts';
import { RefreshedLock } from './refreshed-lock.ts';
import type { Repository } from './repository.ts';

/** How long restic's protocol waits for locks that were written at the same moment, in milliseconds. */
const checkDelay = 200;
/** Shortest pause between two looks at the locks of others, in milliseconds; the longest is twice as long. */
const retryPause = 1000;

/** A lock that this process holds. */
export interface HeldLock {
  /**
   * Aborts when the lock could not be refreshed in time, was taken away, or was written at the same moment as one that
   * forbids it: all writes must stop then.
   */
  readonly lost: AbortSignal;
  /** Resolves when no lock of the same moment forbids it. Throws REPOSITORY_LOCKED or a STORAGE_ error. */
  readonly checked: Promise<void>;
  /**
   * Makes sure that the lock is checked and still stands, before a write that others must not have missed. Throws
   * REPOSITORY_LOCKED, REPOSITORY_LOCK_LOST or a STORAGE_ error.
   */
  confirm(): Promise<void>;
  /** Removes the lock file and stops refreshing. */
  release(): Promise<void>;
}

/** How long to wait for others. */
export interface LockPatience {
  /** By default a lock that others hold ends the attempt at once. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Locks the repository by restic's protocol: list, write the own lock, wait, list again. `shared` allows other shared
 * locks, `exclusive` allows none. Throws REPOSITORY_LOCKED, CANCELLED while it waits, or a STORAGE_ error.
 *
 * Locks that nobody stands behind are removed on the way: those of ended processes of this machine, and those that were
 * not refreshed for 30 minutes. restic leaves the second kind to its `unlock`; here nobody is there to type that, and
 * the kill of an agent must not stop backups for good. It is safe because each holder stops writing when it could not
 * refresh for 22.5 minutes or finds its lock gone, and looks before it stores a snapshot: a machine that slept, or whose
 * clock is wrong, notices then.
 */
export async function lockRepository(
  repository: Repository,
  mode: 'shared' | 'exclusive',
  { waitSeconds = 0, signal }: LockPatience = {},
): Promise<HeldLock> {
  const end = repository.clock.now().getTime() + waitSeconds * 1000;
  for (;;) {
    try {
      return await takeLock(repository, mode === 'exclusive');
    } catch (error) {
      const isLocked = error instanceof PlatformError && error.code === 'REPOSITORY_LOCKED';
      if (!isLocked || repository.clock.now().getTime() >= end) throw error;
    }
    // At random, so that two that found each other's lock do not do so again and again.
    const pause = retryPause * (1 + Math.random());
    await delay(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    if (signal !== undefined) throwIfAborted(signal);
  }
}

async function takeLock(repository: Repository, exclusive: boolean): Promise<HeldLock> {
  const lock = await writeFirstLock(repository, exclusive);
  try {
    await lock.checked;
    return lock;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Writes the lock; the second look at the others is then under way. */
async function writeFirstLock(repository: Repository, exclusive: boolean): Promise<HeldLock> {
  await refuseConflicts(repository, exclusive, null);
  const name = await writeLock(repository, exclusive);
  return new RefreshedLock(repository, name, {
    write: () => writeLock(repository, exclusive),
    check: async (stop) => {
      await delay(checkDelay, undefined, { signal: stop });
      await refuseConflicts(repository, exclusive, name);
    },
  });
}

/**
 * Runs `work` under a lock, which is released however it ends. The signal aborts when the lock is lost or `signal` does.
 * Under a shared lock that nobody waits for, work begins while the second look at the locks of others is still to come:
 * what it reads then is thrown away should another one forbid it. Packs that it stores are not listed, and nothing else is
 * stored, before `checkLocks` or `confirmLocks`, which wait for the look.
 *
 * A state of the past takes no lock: nobody can change it. Waits for others as long as the repository says, unless
 * `waitSeconds` says otherwise. Throws REPOSITORY_LOCKED, REPOSITORY_LOCK_LOST, and STORAGE_READ_ONLY for an exclusive lock on a state of
 * the past.
 */
export async function withLock<Result>(
  repository: Repository,
  mode: 'shared' | 'exclusive',
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
  waitSeconds = repository.lockWaitSeconds,
): Promise<Result> {
  if (repository.storage.readOnly && mode === 'shared') return work(signal ?? new AbortController().signal);
  const lock =
    mode === 'shared' && waitSeconds === 0
      ? await writeFirstLock(repository, false)
      : await lockRepository(repository, mode, { waitSeconds, signal });
  repository.heldLocks.add(lock);
  try {
    const result = await work(signal === undefined ? lock.lost : AbortSignal.any([signal, lock.lost]));
    await lock.checked;
    return result;
  } catch (error) {
    // What was stopped by the loss says that it was cancelled: the reason says more.
    if (lock.lost.aborted && lock.lost.reason instanceof PlatformError) throw lock.lost.reason;
    throw error;
  } finally {
    repository.heldLocks.delete(lock);
    await lock.release();
  }
}

/**
 * Waits until it is known that no other lock forbids those under which work goes on: from then on, others wait for them.
 * Throws REPOSITORY_LOCKED or a STORAGE_ error.
 */
export async function checkLocks(repository: Repository): Promise<void> {
  for (const { checked } of repository.heldLocks) await checked;
}

/** Makes sure that all locks stand under which work goes on. Throws REPOSITORY_LOCK_LOST or a STORAGE_ error. */
export async function confirmLocks(repository: Repository): Promise<void> {
  for (const lock of repository.heldLocks) await lock.confirm();
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
