import { ConnectionSlots } from './connection-slots.ts';
import { systemPacing, type Pacing } from './pacing.ts';
import { RateBucket } from './rate-bucket.ts';
import { rateAt, type Direction, type SharedLimits } from './transfer-limits.ts';

/** Bytes that pass at once: small enough that a slow line is used evenly. */
const largestSlice = 64 * 1024;
const smallestSlice = 4 * 1024;
const slicesPerSecond = 8;
const millisecondsPerMinute = 60_000;

/** Keeps the limits of a process in one of its threads. */
export class TransferLimiter {
  readonly #limits: SharedLimits['limits'];
  readonly #pacing: Pacing;
  readonly #buckets: Readonly<Record<Direction, RateBucket>>;
  readonly #slots: ConnectionSlots;
  readonly #timeOfDay: Intl.DateTimeFormat;
  #minute = { since: Number.NaN, ofDay: 0 };

  constructor({ limits, rates, slots }: SharedLimits, pacing: Pacing = systemPacing) {
    this.#limits = limits;
    this.#pacing = pacing;
    this.#buckets = { up: new RateBucket(rates, 0, pacing), down: new RateBucket(rates, 1, pacing) };
    this.#slots = new ConnectionSlots(slots, pacing);
    this.#timeOfDay = new Intl.DateTimeFormat('en-GB', {
      timeZone: limits.timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** Runs `work` as one of the connections that may be open at a time. */
  async connect<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#slots.run(work);
  }

  /** Bytes that are best taken at once at the present rate; null when nothing limits them. */
  sliceOf(direction: Direction): number | null {
    const rate = this.#rate(direction);
    if (rate === null) return null;
    return Math.min(largestSlice, Math.max(smallestSlice, Math.floor(rate / slicesPerSecond)));
  }

  /** Waits until this many bytes may pass. */
  async take(direction: Direction, bytes: number): Promise<void> {
    for (let left = bytes; left > 0;) {
      const rate = this.#rate(direction);
      if (rate === null) return;
      const slice = Math.min(left, this.sliceOf(direction) ?? left);
      await this.#buckets[direction].take(slice, rate);
      left -= slice;
    }
  }

  #rate(direction: Direction): number | null {
    const rules = this.#limits[direction];
    return rules.length === 0 ? null : rateAt(rules, this.#minuteOfDay());
  }

  #minuteOfDay(): number {
    const now = this.#pacing.clock.now();
    const since = Math.floor(now.getTime() / millisecondsPerMinute);
    if (since !== this.#minute.since) {
      const parts = this.#timeOfDay.formatToParts(now);
      const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value ?? 0);
      this.#minute = { since, ofDay: part('hour') * 60 + part('minute') };
    }
    return this.#minute.ofDay;
  }
}
