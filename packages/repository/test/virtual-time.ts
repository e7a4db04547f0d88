import { setImmediate } from 'node:timers/promises';
import type { Pacing } from '../src/storage/pacing.ts';

/** Time that passes only while everything waits, and then at once. */
export class VirtualTime implements Pacing {
  #now = 0;
  readonly #waiting: { readonly until: number; readonly resolve: () => void }[] = [];
  readonly #start: number;
  readonly clock = { now: () => new Date(this.#start + this.#now) };

  /** `start` is the time of day at first, RFC 3339. */
  constructor(start = '2026-01-01T12:00:00Z') {
    this.#start = Date.parse(start);
  }

  /** Milliseconds that have passed. */
  get passed(): number {
    return this.#now;
  }

  monotonic(): bigint {
    // Far from zero, as the machine's clock is.
    return 1_000_000_000_000n + BigInt(Math.round(this.#now * 1_000_000));
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ until: this.#now + milliseconds, resolve });
    });
  }

  random(): number {
    return 0.5;
  }

  /** Lets time pass until all the work has ended. */
  async run(...work: readonly Promise<unknown>[]): Promise<void> {
    let ended = false;
    const all = Promise.all(work).finally(() => {
      ended = true;
    });
    all.catch(() => undefined);
    for (;;) {
      await setImmediate();
      if (ended) break;
      this.#waiting.sort((left, right) => left.until - right.until);
      const next = this.#waiting.shift();
      if (next === undefined) continue;
      this.#now = Math.max(this.#now, next.until);
      next.resolve();
    }
    await all;
  }
}
