const nanosecondsPerSecond = 1_000_000_000n;
const firstSecond = Date.UTC(2000, 0, 1) / 1000 - 63_113_904_000; // 0000-01-01T00:00:00Z
const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;

/** The time of a node that has none: the zero time of Go, in which restic reads it. */
export const zeroTime = '0001-01-01T00:00:00Z';

/** Formats nanoseconds since 1970 as RFC 3339 in UTC, zeros at the end of the fraction trimmed; years outside 0000 to 9999 are clamped. */
export function formatTime(nanoseconds: bigint): string {
  let seconds = Number(nanoseconds / nanosecondsPerSecond);
  let fraction = Number(nanoseconds % nanosecondsPerSecond);
  if (fraction < 0) {
    fraction += 1_000_000_000;
    seconds -= 1;
  }
  const clamped = Math.min(Math.max(seconds, firstSecond), lastSecond);
  const date = formatSecond(clamped);
  if (fraction === 0) return `${date}Z`;
  return `${date}.${String(fraction).padStart(9, '0').replace(/0+$/, '')}Z`;
}

let lastFormatted = { second: 0, date: '1970-01-01T00:00:00' };

/** Neighbours in a folder were often written in the same second. */
function formatSecond(second: number): string {
  if (second !== lastFormatted.second) {
    lastFormatted = { second, date: new Date(second * 1000).toISOString().slice(0, 19) };
  }
  return lastFormatted.date;
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Tells whether `parseTime` reads a text. */
export function isTime(text: string): boolean {
  const match = rfc3339.exec(text);
  return match !== null && !Number.isNaN(millisecondsOf(match));
}

/** Reads an RFC 3339 time in any zone as nanoseconds since 1970; digits beyond nanoseconds are dropped. Returns null for anything else. */
export function parseTime(text: string): bigint | null {
  const match = rfc3339.exec(text);
  if (match === null) return null;
  const milliseconds = millisecondsOf(match);
  if (Number.isNaN(milliseconds)) return null;
  return BigInt(milliseconds) * 1_000_000n + BigInt((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
}

/** The whole seconds of a match, in milliseconds since 1970; NaN for a day or an hour that does not exist. */
function millisecondsOf(match: RegExpExecArray): number {
  const [, year, month, day, hour, minute, second, , zone = 'Z'] = match;
  return Date.parse(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}${zone}`);
}
