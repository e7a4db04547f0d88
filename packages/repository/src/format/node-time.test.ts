import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, isTime, isTimeOf, parseTime } from './node-time.ts';

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** What `parseTime` must give, by the engine's own reading of dates. */
function parseByEngine(text: string): bigint | null {
  const match = rfc3339.exec(text);
  if (match === null) return null;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', zone = ''] = match;
  const milliseconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  if (Number.isNaN(milliseconds)) return null;
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

const digits = (count: number, max: number) =>
  fc.integer({ min: 0, max }).map((value) => String(value).padStart(count, '0'));

/** Times most of which exist, and the others only just do not. */
const almostTimes = fc
  .tuple(
    digits(4, 9999),
    digits(2, 13),
    digits(2, 32),
    fc.constantFrom('00:00:00', '23:59:59', '24:00:00', '24:00:01', '24:01:00', '25:00:00', '12:60:00', '12:00:60'),
    fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{0,12}$/)),
    fc.oneof(fc.constant('Z'), fc.tuple(fc.constantFrom('+', '-'), digits(2, 24), digits(2, 60))),
  )
  .map(([year, month, day, time, fraction, zone]) => {
    const offset = typeof zone === 'string' ? zone : `${zone[0]}${zone[1]}:${zone[2]}`;
    return `${year}-${month}-${day}T${time}${fraction}${offset}`;
  });

/** The same with one character changed, left out or put in. */
const spoiltTimes = fc
  .tuple(
    almostTimes,
    fc.nat(40),
    fc.constantFrom(0, 1),
    fc.constantFrom('', '0', '-', ':', '.', 'T', 'Z', 'z', '+', ' ', '\u0660'),
  )
  .map(([text, at, removed, put]) => `${text.slice(0, at)}${put}${text.slice(at + removed)}`);

const together = (seconds: number, nanoseconds: number) => BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);

describe('times', () => {
  it.each([
    [0, 0, '1970-01-01T00:00:00Z'],
    [981_173_106, 100_000_000, '2001-02-03T04:05:06.1Z'],
    [-1, 999_999_999, '1969-12-31T23:59:59.999999999Z'],
    [1_795_384_751, 91_248_275, '2026-11-22T21:59:11.091248275Z'],
    [-62_135_596_800, 0, '0001-01-01T00:00:00Z'],
    [253_402_300_799, 999_999_999, '9999-12-31T23:59:59.999999999Z'],
  ])('formats %s and %s as %s and reads it back', (seconds, nanoseconds, text) => {
    expect(formatTime(seconds, nanoseconds)).toBe(text);
    expect(parseTime(text)).toBe(together(seconds, nanoseconds));
  });

  it('clamps years that the format has no room for', () => {
    expect(formatTime(300_000_000_000, 0)).toMatch(/^9999-12-31T23:59:59/);
    expect(formatTime(-300_000_000_000, 0)).toMatch(/^0000-01-01T00:00:00/);
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
        fc.integer({ min: -62_000_000_000, max: 253_000_000_000 }),
        fc.integer({ min: 0, max: 999_999_999 }),
        (seconds, nanoseconds) => {
          expect(parseTime(formatTime(seconds, nanoseconds))).toBe(together(seconds, nanoseconds));
        },
      ),
    );
  });

  it('knows the time that it reads, and no other', () => {
    const text = fc.oneof(almostTimes, spoiltTimes);
    fc.assert(
      fc.property(text, fc.constantFrom(-1, 0, 1), fc.constantFrom(-1, 0, 1), (text, later, finer) => {
        const time = parseTime(text);
        const fraction = Number((((time ?? 0n) % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
        const seconds = Number(((time ?? 0n) - BigInt(fraction)) / 1_000_000_000n);
        const isSame = time !== null && later === 0 && finer === 0;
        expect(isTimeOf(text, seconds + later, fraction + finer)).toBe(isSame);
      }),
    );
  });

  it('reads what the engine reads as RFC 3339, and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(almostTimes, spoiltTimes), (text) => {
        expect(parseTime(text)).toBe(parseByEngine(text));
        expect(isTime(text)).toBe(parseByEngine(text) !== null);
      }),
      { numRuns: 5000 },
    );
  });

  it('knows each day of the calendar', () => {
    for (let day = Date.UTC(1990, 0, 1); day < Date.UTC(2010, 0, 1); day += 86_400_000) {
      expect(parseTime(new Date(day).toISOString())).toBe(BigInt(day) * 1_000_000n);
    }
    for (let year = 0; year < 10_000; year += 1) {
      const text = `${String(year).padStart(4, '0')}-02-29T00:00:00Z`;
      expect(parseTime(text)).toBe(parseByEngine(text));
    }
  });
});
