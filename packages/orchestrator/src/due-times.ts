import { PlatformError } from '@enterprise-backup/contracts/errors';
import { Cron, CronPattern } from 'croner';

/** When a schedule is due: a cron expression of five fields, read in an IANA time zone. */
export interface Timetable {
  readonly cron_expression: string;
  readonly time_zone: string;
}

/** Due times that have passed since a schedule was last looked at: one job is made, for the newest of them. */
export interface PassedDueTimes {
  readonly newest: Date;
  /** How many due times before the newest have passed without a job, at most `missedCountLimit`. */
  readonly missed: number;
}

/** Where the count of missed due times stops: after an outage of weeks nobody needs to know the rest. */
export const missedCountLimit = 1000;

const hoursOfDay = 24;

/**
 * Reads the timetable. Throws CRON_INVALID when the expression has not five fields, a field is wrong, the time zone is
 * not one of the IANA database, or no date ever matches (31 February).
 *
 * Daylight saving time: a due time that the clocks skip falls due once, at the end of the skipped span; one that occurs
 * twice falls due once, at its first occurrence. Expressions that hold for every hour of the day follow elapsed time
 * instead, as cron does (cron(8) of Debian, "Daylight Saving Time"): `0 * * * *` means each hour that passes, also the
 * repeated one.
 */
export function readTimetable(timetable: Timetable): Cron {
  checkTimeZone(timetable.time_zone);
  const fields = timetable.cron_expression.trim().split(/\s+/);
  if (fields.length !== 5) throw new PlatformError('CRON_INVALID', 'the cron expression has not five fields');
  const cron = parse(fields, timetable.time_zone);
  // The year 2000 lies before every schedule and is a leap year, so the search comes to every date there is.
  if (cron.nextRun(new Date('2000-01-01T00:00:00Z')) === null) {
    throw new PlatformError('CRON_INVALID', 'the cron expression names a date that never comes');
  }
  return cron;
}

/** The next `count` due times after `now`, oldest first. Throws CRON_INVALID. */
export function nextDueTimes(timetable: Timetable, now: Date, count: number): Date[] {
  return readTimetable(timetable).nextRuns(count, now);
}

/** The newest due time up to and including `now`, or null when there is none. Throws CRON_INVALID. */
export function lastDueTime(timetable: Timetable, now: Date): Date | null {
  return newestRun(readTimetable(timetable), now);
}

/**
 * The due times after `since` and up to `now`, both instants; null when there is none. An outage thus makes one job, for
 * the newest due time, however many have passed. Throws CRON_INVALID.
 */
export function passedDueTimes(timetable: Timetable, since: Date, now: Date): PassedDueTimes | null {
  const cron = readTimetable(timetable);
  const newest = newestRun(cron, now);
  if (newest === null || newest <= since) return null;
  let missed = 0;
  for (let due = cron.nextRun(since); due !== null && due < newest; due = cron.nextRun(due)) {
    missed += 1;
    if (missed === missedCountLimit) break;
  }
  return { newest, missed };
}

function newestRun(cron: Cron, now: Date): Date | null {
  // croner leaves out the reference itself, so it is asked from a second later and what lies after `now` is passed over.
  const runs = cron.previousRuns(2, new Date(now.getTime() + 1000));
  return runs.find((run) => run <= now) ?? null;
}

function checkTimeZone(timeZone: string): void {
  if (/^[+-]/.test(timeZone)) {
    throw new PlatformError(
      'CRON_INVALID',
      `the time zone ${timeZone} is an offset and not a zone of the IANA database`,
    );
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (error) {
    throw new PlatformError('CRON_INVALID', `the time zone ${timeZone} is not in the IANA database`, { cause: error });
  }
}

function parse(fields: readonly string[], timeZone: string): Cron {
  try {
    const expression = withMinutesAndHoursListed(fields);
    return new Cron(expression, { timezone: timeZone, mode: '5-part', paused: true, fixedTimeRule: 'no-wildcard' });
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    throw new PlatformError('CRON_INVALID', `the cron expression cannot be read: ${detail}`, { cause: error });
  }
}

/**
 * The expression with its minutes and hours written out as lists, unless every hour matches. croner takes a wildcard or
 * a step in these fields for an interval, which it leaves out in a skipped hour and runs twice in a repeated one.
 */
function withMinutesAndHoursListed(fields: readonly string[]): string {
  const expression = fields.join(' ');
  const pattern = new CronPattern(expression, undefined, { mode: '5-part' });
  const hours = positions(pattern.hour);
  if (hours.length === hoursOfDay) return expression;
  return [positions(pattern.minute).join(','), hours.join(','), ...fields.slice(2)].join(' ');
}

function positions(flags: readonly number[]): number[] {
  return flags.flatMap((flag, position) => (flag > 0 ? [position] : []));
}
