import { hostname, userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { parseTime } from './format/node-time.ts';
import type { Repository } from './repository.ts';

/** A lock file. Sealed JSON like a snapshot; its name changes with each refresh. */
const lockFile = z.object({
  time: z.string().refine((time) => parseTime(time) !== null),
  exclusive: z.boolean(),
  hostname: z.string().default(''),
  username: z.string().default(''),
  pid: z.int().default(0),
});
export type LockFile = z.output<typeof lockFile>;

/** Intervals of restic's protocol, in milliseconds (internal/restic/lock.go and internal/repository/lock.go). */
const refreshInterval = 5 * 60_000;
const checkDelay = 200;
const staleAge = 30 * 60_000;
/** Work stops when no refresh has succeeded for this long: well before others may take the lock as stale. */
const refreshDeadline = staleAge - refreshInterval * 1.5;

/** A lock that this process holds. */
export interface HeldLock {
  /** Aborts when the lock could not be refreshed in time: all writes must stop then. */
  readonly lost: AbortSignal;
  /** Removes the lock file and stops refreshing. */
  release(): Promise<void>;
}

/**
 * Locks the repository by restic's protocol: list, write the own lock, wait, list again. `shared` allows other shared
 * locks, `exclusive` allows none. Stale locks of dead processes on this machine are removed first; others count until
 * someone unlocks. Throws REPOSITORY_LOCKED.
 */
export async function lockRepository(repository: Repository, mode: 'shared' | 'exclusive'): Promise<HeldLock> {
  const exclusive = mode === 'exclusive';
  await refuseConflicts(repository, exclusive, new Set());
  let name = await writeLock(repository, exclusive);
  try {
    await delay(checkDelay);
    await refuseConflicts(repository, exclusive, new Set([name]));
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
      const next = await writeLock(repository, exclusive);
      // The new file stands before the old one goes, so that there is no moment without a lock.
      const previous = name;
      name = next;
      refreshedAt = repository.clock.now().getTime();
      await repository.storage.delete('locks', previous);
    } catch {
      if (repository.clock.now().getTime() - refreshedAt > refreshDeadline) lost.abort();
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

/** Runs `work` under a lock, which is released however it ends. The signal aborts when the lock is lost or `signal` does. */
export async function withLock<Result>(
  repository: Repository,
  mode: 'shared' | 'exclusive',
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
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

async function refuseConflicts(repository: Repository, exclusive: boolean, own: ReadonlySet<string>): Promise<void> {
  for (const name of await repository.listNames('locks')) {
    if (own.has(name)) continue;
    const lock = await readLock(repository, name);
    if (lock === null) continue;
    if (isLeftByDeadProcess(lock)) {
      await repository.storage.delete('locks', name);
      continue;
    }
    if (!lock.exclusive && !exclusive) continue;
    const kind = lock.exclusive ? 'exclusively' : '';
    throw new PlatformError(
      'REPOSITORY_LOCKED',
      `the repository is locked ${kind} by process ${lock.pid} of ${lock.username} on ${lock.hostname} since ${lock.time}`.replace(
        '  ',
        ' ',
      ),
    );
  }
}

/** Reads a lock; null when it is gone by now, or is a file that no client could have finished writing. */
async function readLock(repository: Repository, name: string): Promise<LockFile | null> {
  try {
    const parsed = lockFile.safeParse(JSON.parse((await repository.loadUnpacked('locks', name)).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof PlatformError && error.kind !== 'damage' && error.code !== 'STORAGE_FILE_MISSING') throw error;
    return null;
  }
}

/** A lock of this machine whose process is gone holds nobody up: the kill that left it must not need a hand. */
function isLeftByDeadProcess(lock: LockFile): boolean {
  if (lock.hostname !== hostname() || lock.pid <= 0) return false;
  try {
    process.kill(lock.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
