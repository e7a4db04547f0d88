import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { withLock } from '../locks.ts';
import { throwIfAborted } from '../pauses.ts';
import type { Repository } from '../repository.ts';

/** Pause between two looks at the locks of others, in milliseconds. */
const retryPause = 1000;

/** Runs `work` under the exclusive lock; waits for others up to `waitSeconds`. Throws REPOSITORY_LOCKED when they take longer. */
export async function withExclusiveLock<Result>(
  repository: Repository,
  waitSeconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const end = repository.clock.now().getTime() + waitSeconds * 1000;
  let isHeld = false;
  for (;;) {
    try {
      return await withLock(repository, 'exclusive', signal, (stop) => {
        isHeld = true;
        return work(stop);
      });
    } catch (error) {
      const isLocked = error instanceof PlatformError && error.code === 'REPOSITORY_LOCKED' && !isHeld;
      if (!isLocked || repository.clock.now().getTime() >= end) throw error;
      if (signal !== undefined) throwIfAborted(signal);
      await delay(retryPause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      if (signal !== undefined) throwIfAborted(signal);
    }
  }
}
