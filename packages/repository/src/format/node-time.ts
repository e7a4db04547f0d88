const nanosecondsPerSecond = 1_000_000_000n;
const firstSecond = Date.UTC(2000, 0, 1) / 1000 - 63_113_904_000; // 0000-01-01T00:00:00Z
const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;

/** The time of a node that has none: the zero time of Go, in which restic reads it. */
export const zeroTime = '0001-01-01T00:00:00Z';

/**
 * Formats whole seconds since 1970, and the nanoseconds that come on top, as RFC 3339 in UTC, zeros at the end of the fraction
 * trimmed; years outside 0000 to 9999 are clamped.
 */
export function formatTime(seconds: number, nanoseconds: number): string {
  const clamped = Math.min(Math.max(seconds, firstSecond), lastSecond);
  const date = formatSecond(clamped);
  if (nanoseconds === 0) return `${date}Z`;
  return `${date}.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}Z`;
}

let lastFormatted = { second: 0, date: '1970-01-01T00:00:00' };

/** Neighbours in a folder were often written in the same second. */
function formatSecond(second: number): string {
  if (second !== lastFormatted.second) {
    lastFormatted = { second, date: new Date(second * 1000).toISOString().slice(0, 19) };
  }
  return lastFormatted.date;
}

/** Tells whether `parseTime` reads a text. */
export function isTime(text: string): boolean {
  return !Number.isNaN(wholeSeconds(text));
}

/**
 * Reads an RFC 3339 time in any zone as nanoseconds since 1970; digits beyond nanoseconds are dropped. A day that its month
 * does not have, up to the 31st, counts on into the next month, and 24:00:00 is the next day. Returns null for anything
 * else.
 */
export function parseTime(text: string): bigint | null {
  const seconds = wholeSeconds(text);
  return Number.isNaN(seconds) ? null : BigInt(seconds) * nanosecondsPerSecond + BigInt(fractionOf(text));
}

/** Tells whether a text is the time of so many whole seconds since 1970 and the nanoseconds that come on top. */
export function isTimeOf(text: string, seconds: number, nanoseconds: number): boolean {
  return wholeSeconds(text) === seconds && fractionOf(text) === nanoseconds;
}

const zero = 0x30;
const plus = 0x2b;
const minus = 0x2d;
const point = 0x2e;
const colon = 0x3a;
const letterT = 0x54;
const letterZ = 0x5a;
const fractionStart = 20;

/**
 * A time without its fraction in seconds since 1970; NaN when it is none. Digit by digit, because each node of a tree has
 * three times: a regular expression and `Date.parse` take five times as long.
 */
function wholeSeconds(text: string): number {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const isPunctuated =
    text.charCodeAt(4) === minus &&
    text.charCodeAt(7) === minus &&
    text.charCodeAt(10) === letterT &&
    text.charCodeAt(13) === colon &&
    text.charCodeAt(16) === colon;
  const isDay = year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  const isHour = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
  const isMidnight = hour === 24 && minute === 0 && second === 0;
  if (!isPunctuated || !isDay || !(isHour || isMidnight)) return Number.NaN;
  let zone = fractionStart - 1;
  if (text.charCodeAt(zone) === point) {
    zone = fractionStart;
    while (isDigit(text.charCodeAt(zone))) zone += 1;
    if (zone === fractionStart) return Number.NaN;
  }
  return daysOf(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - secondsEast(text, zone);
}

/** The zone that ends a text from a place on, in seconds east of Greenwich; NaN when it is none. */
function secondsEast(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === letterZ) return text.length === at + 1 ? 0 : Number.NaN;
  if (sign !== plus && sign !== minus) return Number.NaN;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  const isZone = hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59;
  if (!isZone || text.charCodeAt(at + 3) !== colon || text.length !== at + 6) return Number.NaN;
  const seconds = hours * 3600 + minutes * 60;
  return sign === plus ? seconds : -seconds;
}

/** The nanoseconds of a text that is a time. */
function fractionOf(text: string): number {
  if (text.charCodeAt(fractionStart - 1) !== point) return 0;
  let fraction = 0;
  let weight = 100_000_000;
  for (let at = fractionStart; weight >= 1; at += 1) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) break;
    fraction += (code - zero) * weight;
    weight /= 10;
  }
  return fraction;
}

/** Days from 1970 to a date of the proleptic Gregorian calendar. Years are counted from March here, so that a leap day is their last. */
function daysOf(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const daysBeforeMonth = Math.floor((153 * ((month + 9) % 12) + 2) / 5);
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + daysBeforeMonth + day - 719_469;
}

/** The number that two digits make; for anything else one so far below 0 that no year comes of it. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - zero) * 10 + ones - zero : -10_000;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= zero + 9;
}
