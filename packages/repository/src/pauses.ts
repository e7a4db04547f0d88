import { setImmediate } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';

const longestStretch = 20;

/**
 * Lets other work of the thread run (lease renewal, progress, signals) in a loop of synchronous calls, and stops the
 * loop when it is cancelled.
 */
export class Pauses {
  readonly #signal: AbortSignal;
  #since = performance.now();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether `pauseIfDue` has anything to do: asking costs less than waiting for nothing. */
  get isDue(): boolean {
    return this.#signal.aborted || performance.now() - this.#since >= longestStretch;
  }

  /** Returns at once, except after some 20 ms of work. Throws CANCELLED once the signal is aborted. */
  async pauseIfDue(): Promise<void> {
    if (performance.now() - this.#since >= longestStretch) {
      await setImmediate();
      this.#since = performance.now();
    }
    throwIfAborted(this.#signal);
  }
}

/** Throws CANCELLED once the signal is aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new PlatformError('CANCELLED', 'the work was stopped before its end');
}
