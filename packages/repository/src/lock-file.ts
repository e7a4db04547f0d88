import { hostname } from 'node:os';
import * as z from 'zod';
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
export const refreshInterval = 5 * 60_000;
export const staleAge = 30 * 60_000;

/**
 * Whether somebody still stands behind a lock. `dead`: its process was one of this machine and has ended. `stale`: it
 * was not refreshed for 30 minutes, as each holder does every 5.
 */
export type LockState = 'held' | 'dead' | 'stale';

/**
 * Judges a lock at the time `now`. Holders that cannot refresh stop writing after 22.5 minutes, so a stale lock has no
 * writer behind it as long as the clocks of two machines differ by less than 7.5 minutes. `hasEnded` tells whether a
 * process of this machine is gone.
 */
export function judgeLock(lock: LockFile, now: Date, hasEnded: (pid: number) => boolean): LockState {
  if (lock.hostname === hostname() && lock.pid > 0 && hasEnded(lock.pid)) return 'dead';
  const writtenAt = Number((parseTime(lock.time) ?? 0n) / 1_000_000n);
  return now.getTime() - writtenAt > staleAge ? 'stale' : 'held';
}

/** Tells whether a process of this machine is gone. One that belongs to somebody else is there. */
export function hasProcessEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/**
 * Reads a lock. `unreadable` stands for a file that no client could have finished writing, or that was damaged; null for
 * one that is gone by now. Throws a STORAGE_ error.
 */
export async function readLock(repository: Repository, name: string): Promise<LockFile | 'unreadable' | null> {
  try {
    const parsed = lockFile.safeParse(JSON.parse((await repository.loadUnpacked('locks', name)).toString('utf8')));
    return parsed.success ? parsed.data : 'unreadable';
  } catch (error) {
    if (error instanceof SyntaxError) return 'unreadable';
    if (!(error instanceof PlatformError)) throw error;
    if (error.code === 'STORAGE_FILE_MISSING') return null;
    if (error.kind === 'damage') return 'unreadable';
    throw error;
  }
}

/** Who holds a lock, in words for a person. */
export function describeHolder(lock: LockFile): string {
  return `process ${lock.pid} of ${lock.username} on ${lock.hostname}`;
}
