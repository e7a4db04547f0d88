import { PlatformError } from '@enterprise-backup/contracts/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastDueTime, missedCountLimit, nextDueTimes, passedDueTimes, readTimetable } from './due-times.ts';

const in_ = (time_zone: string, cron_expression: string) => ({ cron_expression, time_zone });

const next = (time_zone: string, cron_expression: string, now: string, count: number): string[] =>
  nextDueTimes(in_(time_zone, cron_expression), new Date(now), count).map((time) => time.toISOString());

describe('a timetable', () => {
  it.each([
    ['four fields', '0 2 * *'],
    ['six fields', '0 0 2 * * *'],
    ['a nickname', '@daily'],
    ['nothing', '   '],
    ['a minute that does not exist', '60 2 * * *'],
    ['letters', 'a b c d e'],
    ['a date that never comes', '0 0 31 2 *'],
    ['a rate', 'rate(5 minutes)'],
  ])('with %s is refused', (_, expression) => {
    expect(() => readTimetable(in_('UTC', expression))).toThrow(expect.objectContaining({ code: 'CRON_INVALID' }));
  });

  it.each(['Mars/Olympus', '+02:00', '-0500', ' '])('in the zone %j is refused', (zone) => {
    expect(() => readTimetable(in_(zone, '0 2 * * *'))).toThrow(PlatformError);
  });

  it('may name 29 February', () => {
    expect(next('UTC', '0 0 29 2 *', '2026-01-01T00:00:00Z', 2)).toEqual([
      '2028-02-29T00:00:00.000Z',
      '2032-02-29T00:00:00.000Z',
    ]);
  });

  it('is read in its zone', () => {
    expect(next('Asia/Kolkata', '30 2 * * *', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T21:00:00.000Z']);
  });
});

describe('the night in which the clocks are put forward (Berlin, 29 March 2026, 02:00 becomes 03:00)', () => {
  const evening = '2026-03-28T20:00:00Z';
  it.each([
    ['30 2 * * *', ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']],
    ['0,30 2 * * *', ['2026-03-29T01:00:00.000Z', '2026-03-30T00:00:00.000Z']],
    ['*/20 2 * * *', ['2026-03-29T01:00:00.000Z', '2026-03-30T00:00:00.000Z']],
    ['0 2,3 * * *', ['2026-03-29T01:00:00.000Z', '2026-03-30T00:00:00.000Z']],
    ['15 3 * * *', ['2026-03-29T01:15:00.000Z', '2026-03-30T01:15:00.000Z']],
    ['0 2-4/2 * * *', ['2026-03-29T01:00:00.000Z', '2026-03-29T02:00:00.000Z']],
  ])('runs %s once', (expression, expected) => {
    expect(next('Europe/Berlin', expression, evening, 2)).toEqual(expected);
  });

  it('lets an hourly schedule go on hour by hour', () => {
    expect(next('Europe/Berlin', '0 * * * *', '2026-03-29T00:00:00Z', 3)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-29T02:00:00.000Z',
      '2026-03-29T03:00:00.000Z',
    ]);
  });
});

describe('the night in which the clocks are put back (Berlin, 25 October 2026, 03:00 becomes 02:00)', () => {
  const evening = '2026-10-24T20:00:00Z';
  it.each([
    ['30 2 * * *', ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']],
    ['*/30 2 * * *', ['2026-10-25T00:00:00.000Z', '2026-10-25T00:30:00.000Z', '2026-10-26T01:00:00.000Z']],
    ['0 2,3 * * *', ['2026-10-25T00:00:00.000Z', '2026-10-25T02:00:00.000Z', '2026-10-26T01:00:00.000Z']],
  ])('runs %s once', (expression, expected) => {
    expect(next('Europe/Berlin', expression, evening, expected.length)).toEqual(expected);
  });

  it('lets an hourly schedule go on hour by hour, the repeated hour too', () => {
    expect(next('Europe/Berlin', '0 * * * *', '2026-10-24T23:00:00Z', 3)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
  });
});

describe('passed due times', () => {
  const daily = in_('UTC', '0 2 * * *');

  it('are none before the first and after the last that has a job', () => {
    const created = new Date('2026-05-01T03:00:00Z');
    expect(passedDueTimes(daily, created, new Date('2026-05-02T01:59:59.999Z'))).toBeNull();
    expect(passedDueTimes(daily, new Date('2026-05-02T02:00:00Z'), new Date('2026-05-02T23:00:00Z'))).toBeNull();
  });

  it('include the present instant', () => {
    const due = new Date('2026-05-02T02:00:00Z');
    expect(passedDueTimes(daily, new Date('2026-05-01T02:00:00Z'), due)).toEqual({ newest: due, missed: 0 });
  });

  it('make one after an outage, for the newest, and count the others', () => {
    expect(passedDueTimes(daily, new Date('2026-05-01T02:00:00Z'), new Date('2026-05-09T12:00:00Z'))).toEqual({
      newest: new Date('2026-05-09T02:00:00Z'),
      missed: 7,
    });
  });

  it('stop counting at the limit', () => {
    const minutely = in_('UTC', '* * * * *');
    const passed = passedDueTimes(minutely, new Date('2024-01-01T00:00:00Z'), new Date('2026-01-01T00:00:30Z'));
    expect(passed).toEqual({ newest: new Date('2026-01-01T00:00:00Z'), missed: missedCountLimit });
  });
});

describe('any timetable', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata');
  const minutes = fc.oneof(fc.constantFrom('*', '*/7', '*/15', '5,50'), fc.nat(59).map(String));
  const hours = fc.oneof(fc.constantFrom('*', '*/3', '1-4', '2,14'), fc.nat(23).map(String));
  const days = fc.constantFrom('* * *', '*/2 * *', '* * 1-5', '1,15 * *', '* 3,10 0');
  const instants = fc.date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2027-12-31T00:00:00Z'),
    noInvalidDate: true,
  });

  it('has as its last due time the one before its next', () => {
    fc.assert(
      fc.property(zones, minutes, hours, days, instants, (zone, minute, hour, day, now) => {
        const timetable = in_(zone, `${minute} ${hour} ${day}`);
        const [first, second] = nextDueTimes(timetable, now, 2);
        if (first === undefined || second === undefined) throw new Error('each of these comes again');
        expect(first > now && second > first).toBe(true);
        expect(lastDueTime(timetable, first)).toEqual(first);
        expect(lastDueTime(timetable, new Date(second.getTime() - 1))).toEqual(first);
        expect(passedDueTimes(timetable, now, second)).toEqual({ newest: second, missed: 1 });
        expect(passedDueTimes(timetable, first, new Date(second.getTime() - 1))).toBeNull();
      }),
      { numRuns: 150 },
    );
  });
});
