import { PlatformError } from '@enterprise-backup/contracts/errors';
import { refreshInterval, staleAge } from './lock-file.ts';
import type { HeldLock } from './locks.ts';
import type { Repository } from './repository.ts';

/** Work stops when no refresh has succeeded for this long: well before others may take the lock as stale. */
const refreshDeadline = staleAge - refreshInterval * 1.5;
/**
 * How often the clock is looked at. A timer of the whole interval would stand still while the machine sleeps, and the first
 * refresh after that would be late by all that was left of it.
 */
const clockInterval = 5000;
/** After a refresh that failed, or while one hangs. */
const retryInterval = 60_000;

/** How a lock is written and checked. */
export interface LockSteps {
  /** Writes one like it and returns its name. */
  readonly write: () => Promise<string>;
  /** Looks a moment later whether another one forbids it, and throws then. Stops with the signal. */
  readonly check: (stop: AbortSignal) => Promise<void>;
}

/** A lock that is written anew every 5 minutes, under a new name as restic does it. */
export class RefreshedLock implements HeldLock {
  readonly #repository: Repository;
  readonly #write: () => Promise<string>;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  readonly checked: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  /** Lock files of this process; the last one counts. There is more than one when an older one could not be removed. */
  #names: string[];
  #refreshedAt: number;
  #nextAt: number;
  /** When the refresh that is under way began; null when there is none. */
  #attemptedAt: number | null = null;
  /** Refreshes and confirmations, one after the other. */
  #queue: Promise<void> = Promise.resolve();

  /** `name` is the lock file that was written just now. */
  constructor(repository: Repository, name: string, { write, check }: LockSteps) {
    this.#repository = repository;
    this.#write = write;
    this.checked = check(this.#released.signal);
    this.checked.catch((error: unknown) => {
      if (!this.#released.signal.aborted) this.#lost.abort(error);
    });
    this.#names = [name];
    this.#refreshedAt = this.#now();
    this.#nextAt = this.#refreshedAt + refreshInterval;
    // restic's unlock asks a process on the same host whether it lives with SIGHUP, which would end it.
    process.on('SIGHUP', this.#ignoreHangup);
    this.#timer = setInterval(() => {
      this.#look();
    }, clockInterval);
    this.#timer.unref();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  confirm(): Promise<void> {
    return this.#enqueue(async () => {
      await this.checked;
      if (!this.lost.aborted && this.#isDue()) await this.#refresh();
      if (!this.lost.aborted && !(await this.#stands())) this.#loseToOthers();
      if (this.lost.reason instanceof PlatformError) throw this.lost.reason;
    });
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    this.#released.abort();
    await this.#queue;
    process.off('SIGHUP', this.#ignoreHangup);
    for (const name of this.#names) await this.#repository.storage.delete('locks', name);
  }

  readonly #ignoreHangup = (): void => undefined;

  #look(): void {
    if (this.lost.aborted) return;
    if (this.#attemptedAt === null) {
      if (this.#isDue()) void this.#enqueue(() => this.#refresh());
    } else if (this.#isOverdue() && this.#now() - this.#attemptedAt >= retryInterval) {
      this.#loseToTime();
    }
  }

  /** Runs `work` after what was queued before. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** A new file stands before the old one goes, so that there is no moment without a lock. */
  async #refresh(): Promise<void> {
    const began = this.#now();
    this.#attemptedAt = began;
    try {
      const stood = await this.#writeNext();
      if (!stood) this.#loseToOthers();
      this.#refreshedAt = began;
      this.#nextAt = began + refreshInterval;
      await this.#removeOld();
    } catch {
      this.#nextAt = this.#now() + retryInterval;
      if (this.#isOverdue()) this.#loseToTime();
    } finally {
      this.#attemptedAt = null;
    }
  }

  /** Writes a new lock file, and tells whether the one before it is still there. */
  async #writeNext(): Promise<boolean> {
    const previous = this.#names.at(-1) ?? '';
    const next = await this.#write();
    this.#names.push(next);
    return (await this.#repository.storage.stat('locks', previous)) !== null;
  }

  async #removeOld(): Promise<void> {
    const current = this.#names.at(-1);
    for (const name of this.#names.slice(0, -1)) {
      await this.#repository.storage.delete('locks', name);
      this.#names = this.#names.filter((kept) => kept !== name || kept === current);
    }
  }

  async #stands(): Promise<boolean> {
    return (await this.#repository.storage.stat('locks', this.#names.at(-1) ?? '')) !== null;
  }

  #now(): number {
    return this.#repository.clock.now().getTime();
  }

  #isDue(): boolean {
    const now = this.#now();
    // A clock that was set back must not keep the lock from being refreshed.
    return now >= this.#nextAt || now < this.#refreshedAt;
  }

  #isOverdue(): boolean {
    return this.#now() - this.#refreshedAt > refreshDeadline;
  }

  /** Who took it may have finished since: that nobody holds a lock now does not mean that nothing happened. */
  #loseToOthers(): void {
    const sentence = 'somebody removed the lock of this process, and may have worked on the repository since';
    this.#lost.abort(new PlatformError('REPOSITORY_LOCK_LOST', sentence));
  }

  #loseToTime(): void {
    const since = new Date(this.#refreshedAt).toISOString();
    const sentence = `the lock of this process could not be refreshed since ${since}`;
    this.#lost.abort(new PlatformError('REPOSITORY_LOCK_LOST', sentence));
  }
}
