import type { Pacing } from './pacing.ts';

const nanosecondsPerSecond = 1_000_000_000;
/** What may pass at once after a rest: a quarter of a second's worth. */
const restNanoseconds = 250_000_000n;

/**
 * A token bucket that the threads of a process share. It is kept as one number, the time at which all that was granted
 * will have passed at the rate (the generic cell rate algorithm of ITU-T I.371): no lock, nothing to refill, and a thread
 * that is killed leaves nothing behind.
 */
export class RateBucket {
  readonly #passed: BigInt64Array;
  readonly #slot: number;
  readonly #pacing: Pacing;

  /** `state` holds a number of 64 bits for each bucket, zero at first; `slot` is the bucket's. */
  constructor(state: SharedArrayBuffer, slot: number, pacing: Pacing) {
    this.#passed = new BigInt64Array(state);
    this.#slot = slot;
    this.#pacing = pacing;
  }

  /** Waits until this many bytes may pass. In any time span, no more pass than the rate allows and a quarter second's worth. */
  async take(bytes: number, bytesPerSecond: number): Promise<void> {
    const cost = BigInt(Math.ceil((bytes / bytesPerSecond) * nanosecondsPerSecond));
    const now = this.#pacing.monotonic();
    const due = this.#reserve(now, cost);
    if (due > now) await this.#pacing.wait(Math.ceil(Number(due - now) / 1_000_000));
  }

  #reserve(now: bigint, cost: bigint): bigint {
    for (;;) {
      const passed = Atomics.load(this.#passed, this.#slot);
      const earliest = now - restNanoseconds;
      const due = (passed > earliest ? passed : earliest) + cost;
      if (Atomics.compareExchange(this.#passed, this.#slot, passed, due) === passed) return due;
    }
  }
}
