import { PlatformError } from '@enterprise-backup/contracts/errors';
import { parseTime } from '../format/node-time.ts';
import type { KeepDuration } from './keep-duration.ts';

const nanosecondsPerHour = 3_600_000_000_000n;
const millisecondsPerDay = 86_400_000;

/** When a snapshot was made: the instant, and what calendar and clock said in the zone that it was made in. */
export interface SnapshotTime {
  /** Nanoseconds since 1970. */
  readonly instant: bigint;
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
}

/** Reads the time of a snapshot, which is RFC 3339 with an offset. Its date and hour stand in the text as its own zone had them. */
export function readSnapshotTime(text: string): SnapshotTime {
  const instant = parseTime(text);
  const [, year, month, day, hour] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d)/.exec(text) ?? [];
  if (instant === null) throw new PlatformError('SNAPSHOT_DAMAGED', `${JSON.stringify(text)} is not a time`);
  return { instant, year: Number(year), month: Number(month), day: Number(day), hour: Number(hour) };
}

/** Year and number of the ISO 8601 week: the week belongs to the year that its Thursday lies in. */
export function isoWeek({ year, month, day }: SnapshotTime): { readonly year: number; readonly week: number } {
  const date = dayNumber(year, month, day);
  // Day 0, 1970-01-01, was a Thursday.
  const thursday = date - ((((date + 3) % 7) + 7) % 7) + 3;
  const weekYear = new Date(thursday * millisecondsPerDay).getUTCFullYear();
  return { year: weekYear, week: 1 + Math.floor((thursday - dayNumber(weekYear, 1, 1)) / 7) };
}

/**
 * The instant that lies a duration before a time, in nanoseconds since 1970. Years, months and days are counted on the
 * calendar and overflow as Go's AddDate lets them: one month before March 31 is March 3, or 2 in a leap year.
 */
export function instantBefore(time: SnapshotTime, duration: KeepDuration): bigint {
  const { year, month, day } = time;
  const earlier = dayNumber(year - duration.years, month - duration.months, day - duration.days);
  const days = BigInt(dayNumber(year, month, day) - earlier);
  return time.instant - days * 24n * nanosecondsPerHour - BigInt(duration.hours) * nanosecondsPerHour;
}

/** Days since 1970-01-01. Months and days may lie outside their usual range. */
function dayNumber(year: number, month: number, day: number): number {
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for those of the 20th century.
  date.setUTCFullYear(year, month - 1, day);
  return Math.round(date.getTime() / millisecondsPerDay);
}
