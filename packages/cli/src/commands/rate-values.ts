import type { RateRule } from '@enterprise-backup/repository/transfer-limits';
import { InvalidArgumentError } from 'commander';
import { size } from './size-values.ts';

const minutesPerHour = 60;

/** Parses a rate such as `10M` or `unlimited`, for all day or, as `08:00-18:00=2M`, for a part of it. */
export function rate(text: string): RateRule {
  const [, from, to, value = ''] = /^(?:(\d\d:\d\d)-(\d\d:\d\d)=)?(.+)$/.exec(text) ?? [];
  return {
    bytesPerSecond: value === 'unlimited' ? null : size(value),
    window: from === undefined || to === undefined ? null : { from: minuteOf(from), to: minuteOf(to) },
  };
}

/** Collects the rates of an option that may be given several times. */
export function collectRate(text: string, before: readonly RateRule[] | undefined): readonly RateRule[] {
  return [...(before ?? []), rate(text)];
}

/** Parses a time with its zone, such as `2026-11-22T08:00:00Z`, or a day, which starts at midnight UTC. Returns RFC 3339. */
export function timestamp(text: string): string {
  const full = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(full);
  const time = Date.parse(full);
  // JavaScript takes 30 February for 2 March.
  const day = Date.parse(`${full.slice(0, 10)}T00:00:00Z`);
  const hasDay = !Number.isNaN(day) && new Date(day).toISOString().startsWith(full.slice(0, 10));
  if (!isTime || !hasDay || Number.isNaN(time)) {
    throw new InvalidArgumentError('It must be a time with its zone, such as 2026-11-22T08:00:00Z, or a day.');
  }
  return new Date(time).toISOString();
}

function minuteOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  if (hour > 23 || minute > 59) throw new InvalidArgumentError('A part of the day is like 08:00-18:00=2M.');
  return hour * minutesPerHour + minute;
}
