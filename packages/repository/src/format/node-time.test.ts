import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, parseTime } from './node-time.ts';

describe('times', () => {
  it.each([
    [0n, '1970-01-01T00:00:00Z'],
    [981_173_106_100_000_000n, '2001-02-03T04:05:06.1Z'],
    [-1n, '1969-12-31T23:59:59.999999999Z'],
    [1_795_384_751_091_248_275n, '2026-11-22T21:59:11.091248275Z'],
    [-62_135_596_800_000_000_000n, '0001-01-01T00:00:00Z'],
    [253_402_300_799_999_999_999n, '9999-12-31T23:59:59.999999999Z'],
  ])('formats %s as %s and reads it back', (nanoseconds, text) => {
    expect(formatTime(nanoseconds)).toBe(text);
    expect(parseTime(text)).toBe(nanoseconds);
  });

  it('clamps years that the format has no room for', () => {
    expect(formatTime(300_000_000_000_000_000_000n)).toMatch(/^9999-12-31T23:59:59/);
    expect(formatTime(-300_000_000_000_000_000_000n)).toMatch(/^0000-01-01T00:00:00/);
  });

  it('reads zones and any number of digits', () => {
    expect(parseTime('2026-11-23T03:29:11.091248275+05:30')).toBe(1_795_384_751_091_248_275n);
    expect(parseTime('2026-11-22T23:59:11.0700+02:00')).toBe(1_795_384_751_070_000_000n);
    expect(parseTime('2026-11-22T21:59:11.0912482759Z')).toBe(1_795_384_751_091_248_275n);
  });

  it.each(['', '2026-11-22', '2026-11-22T21:59:11', '10000-01-01T00:00:00Z', '2026-13-01T00:00:00Z'])(
    'refuses %j',
    (text) => {
      expect(parseTime(text)).toBeNull();
    },
  );

  it('reads back every time it writes', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -62_000_000_000_000_000_000n, max: 253_000_000_000_000_000_000n }),
        (nanoseconds) => {
          expect(parseTime(formatTime(nanoseconds))).toBe(nanoseconds);
        },
      ),
    );
  });
});
