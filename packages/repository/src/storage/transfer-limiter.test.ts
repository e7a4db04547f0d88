import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../test/virtual-time.ts';
import { TransferLimiter } from './transfer-limiter.ts';
import { rateAt, shareLimits, type RateRule, type TransferLimits } from './transfer-limits.ts';

const KiB = 1024;
const always = (bytesPerSecond: number | null): RateRule[] => [{ bytesPerSecond, window: null }];
const limits = (changes: Partial<TransferLimits>) =>
  shareLimits({ up: [], down: [], connections: null, timeZone: 'UTC', ...changes });

describe('the rate', () => {
  it('holds for all threads together, whatever they take', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 64 * KiB, max: 10_000 * KiB }),
        fc.array(fc.array(fc.integer({ min: 1, max: 300 * KiB }), { minLength: 1, maxLength: 8 }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (rate, threads) => {
          const time = new VirtualTime();
          const shared = limits({ up: always(rate) });
          const passed: { readonly at: number; readonly bytes: number }[] = [];
          await time.run(
            ...threads.map(async (amounts) => {
              const limiter = new TransferLimiter(shared, time);
              for (const bytes of amounts) {
                await limiter.take('up', bytes);
                passed.push({ at: time.passed, bytes });
              }
            }),
          );
          const total = passed.reduce((sum, { bytes }) => sum + bytes, 0);
          for (const { at } of passed) {
            const until = passed.filter((other) => other.at <= at).reduce((sum, { bytes }) => sum + bytes, 0);
            expect(until).toBeLessThanOrEqual((at / 1000) * rate + rate / 4 + 1);
          }
          // And it is used up: nobody waits longer than the rate asks for, apart from rounding to milliseconds.
          expect(time.passed).toBeLessThanOrEqual((total / rate) * 1000 + 2);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of one direction does not hold the other back', async () => {
    const time = new VirtualTime();
    const limiter = new TransferLimiter(limits({ up: always(64 * KiB) }), time);
    await time.run(limiter.take('down', 1_000_000_000));
    expect(time.passed).toBe(0);
    expect(limiter.sliceOf('down')).toBeNull();
  });

  it('changes with the time of day, in its zone', async () => {
    // 17:59:58 in Berlin: two seconds at 64 KiB/s are left, then there is no limit.
    const time = new VirtualTime('2026-07-01T15:59:58Z');
    const up: RateRule[] = [{ bytesPerSecond: 64 * KiB, window: { from: 8 * 60, to: 18 * 60 } }];
    const limiter = new TransferLimiter(limits({ up, timeZone: 'Europe/Berlin' }), time);
    await time.run(limiter.take('up', 10_000 * KiB));
    expect(time.passed).toBeGreaterThanOrEqual(1900);
    expect(time.passed).toBeLessThanOrEqual(2300);
    expect(limiter.sliceOf('up')).toBeNull();
  });

  it.each([
    [0, 100],
    [359, 100],
    [360, 200],
    [719, 200],
    [720, null],
    [1319, null],
    [1320, 100],
    [1439, 100],
  ])('of minute %i is %j', (minute, rate) => {
    const rules: RateRule[] = [
      { bytesPerSecond: 100, window: { from: 22 * 60, to: 6 * 60 } },
      { bytesPerSecond: 200, window: { from: 6 * 60, to: 12 * 60 } },
      { bytesPerSecond: null, window: null },
    ];
    expect(rateAt(rules, minute)).toBe(rate);
    expect(rateAt([], minute)).toBeNull();
  });

  it.each([
    [{ up: always(1000) }],
    [{ down: always(Number.NaN) }],
    [{ up: [{ bytesPerSecond: null, window: { from: 0, to: 1440 } }] }],
    [{ up: [{ bytesPerSecond: null, window: { from: 5, to: 5 } }] }],
    [{ connections: 0 }],
    [{ timeZone: 'Nowhere/Land' }],
  ])('is refused when it cannot be meant: %j', (changes) => {
    expect(() => limits(changes)).toThrow(expect.objectContaining({ code: 'STORAGE_OPTIONS_INVALID' }) as Error);
  });
});

describe('the connections', () => {
  it('are never more than allowed, over all threads, and all come to their turn', async () => {
    const time = new VirtualTime();
    const shared = limits({ connections: 3 });
    let open = 0;
    let most = 0;
    let ended = 0;
    const work = async (limiter: TransferLimiter): Promise<void> =>
      limiter.connect(async () => {
        open += 1;
        most = Math.max(most, open);
        await time.wait(100);
        open -= 1;
        ended += 1;
      });
    const threads = [1, 2, 3].map(() => new TransferLimiter(shared, time));
    await time.run(...threads.flatMap((limiter) => [1, 2, 3, 4].map(() => work(limiter))));
    expect({ most, ended }).toEqual({ most: 3, ended: 12 });
  });

  it('come back from a thread that was ended, and after a failure at once', async () => {
    const time = new VirtualTime();
    const shared = limits({ connections: 1 });
    const failing = new TransferLimiter(shared, time);
    await time.run(failing.connect(() => Promise.reject(new Error('failed'))).catch(() => undefined));
    const dead = new TransferLimiter(shared, time);
    void dead.connect(() => new Promise(() => undefined));
    let since = -1;
    await time.run(
      new TransferLimiter(shared, time).connect(() => {
        since = time.passed;
        return Promise.resolve();
      }),
    );
    expect(since).toBeGreaterThanOrEqual(29_000);
    expect(since).toBeLessThan(32_000);
  });
});
