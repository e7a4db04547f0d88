import type { Pacing } from './pacing.ts';

const nanosecondsPerSecond = 1_000_000_000n;
const free = 0;
/** A slot whose holder has said nothing for so long is free: its thread was ended in the middle of a request. */
const expirySeconds = 30;
const renewalMilliseconds = 5000;
const firstPauseMilliseconds = 2;
const longestPauseMilliseconds = 50;

/** Memory for a number of slots. */
export function connectionSlots(count: number): SharedArrayBuffer {
  return new SharedArrayBuffer(count * 4);
}

/**
 * Slots that the threads of a process share: whoever holds one may have a request in work. Each slot holds the second at
 * which its holder last said that it lives, so that a thread that is ended takes no slot with it.
 */
export class ConnectionSlots {
  readonly #slots: Int32Array;
  readonly #pacing: Pacing;

  constructor(state: SharedArrayBuffer, pacing: Pacing) {
    this.#slots = new Int32Array(state);
    this.#pacing = pacing;
  }

  /** Runs `work` while holding a slot; waits for a free one before. Without any slots there is no limit. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#slots.length === 0) return work();
    const { slot, since } = await this.#acquire();
    let stamp = since;
    const timer = setInterval(() => {
      const next = this.#second();
      // Lost to another thread while this one stood still: the work goes on, and what is no longer ours stays as it is.
      if (Atomics.compareExchange(this.#slots, slot, stamp, next) === stamp) stamp = next;
    }, renewalMilliseconds);
    timer.unref();
    try {
      return await work();
    } finally {
      clearInterval(timer);
      Atomics.compareExchange(this.#slots, slot, stamp, free);
    }
  }

  async #acquire(): Promise<{ readonly slot: number; readonly since: number }> {
    for (let pause = firstPauseMilliseconds; ; pause = Math.min(pause * 2, longestPauseMilliseconds)) {
      const now = this.#second();
      for (let slot = 0; slot < this.#slots.length; slot += 1) {
        const stamp = Atomics.load(this.#slots, slot);
        if (stamp !== free && now - stamp < expirySeconds) continue;
        if (Atomics.compareExchange(this.#slots, slot, stamp, now) === stamp) return { slot, since: now };
      }
      await this.#pacing.wait(pause);
    }
  }

  /** Seconds of the shared clock, one of which is never `free`. */
  #second(): number {
    return Number(this.#pacing.monotonic() / nanosecondsPerSecond) + 1;
  }
}
