import { describeHolder, hasProcessEnded, judgeLock, readLock, type LockFile, type LockState } from './lock-file.ts';
import type { Repository } from './repository.ts';

/** A lock that an unlock looked at. */
export interface JudgedLock {
  /** Name of the file in `locks/`. */
  readonly id: string;
  /** What it says; null when it cannot be read. */
  readonly lock: LockFile | null;
  readonly state: LockState | 'unreadable';
  /** Why it went or stayed, in one sentence. */
  readonly reason: string;
}

/** What an unlock did. */
export interface UnlockResult {
  readonly removed: readonly JudgedLock[];
  readonly kept: readonly JudgedLock[];
}

/**
 * Removes the locks that nobody stands behind: of ended processes of this machine, and such as were not refreshed for 30
 * minutes. With `all` it removes every lock, also those that are held and those that cannot be read: a holder that lives
 * finds that at its next refresh, within 5 minutes, but writes until then, so that is for a person who knows that nobody
 * works on the repository. Throws a STORAGE_ error.
 */
export async function unlockRepository(
  repository: Repository,
  options: { readonly all?: boolean } = {},
): Promise<UnlockResult> {
  const removed: JudgedLock[] = [];
  const kept: JudgedLock[] = [];
  for (const id of await repository.listNames('locks')) {
    const lock = await readLock(repository, id);
    if (lock === null) continue;
    const judged = judge(id, lock, repository.clock.now());
    const goes = judged.state === 'dead' || judged.state === 'stale' || options.all === true;
    if (goes) await repository.storage.delete('locks', id);
    (goes ? removed : kept).push(judged);
  }
  return { removed, kept };
}

function judge(id: string, lock: LockFile | 'unreadable', now: Date): JudgedLock {
  if (lock === 'unreadable') return { id, lock: null, state: 'unreadable', reason: 'the file cannot be read' };
  const state = judgeLock(lock, now, hasProcessEnded);
  const holder = describeHolder(lock);
  const reasons: Readonly<Record<LockState, string>> = {
    dead: `${holder}, this machine, has ended`,
    stale: `${holder} has not refreshed it since ${lock.time}, for more than 30 minutes`,
    held: `${holder} holds it ${lock.exclusive ? 'exclusively' : 'together with others'} since ${lock.time}`,
  };
  return { id, lock, state, reason: reasons[state] };
}
