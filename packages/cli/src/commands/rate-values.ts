import { parseRateRule } from '@enterprise-backup/repository/rate-rule';
import type { RateRule } from '@enterprise-backup/repository/transfer-limits';
import { InvalidArgumentError } from 'commander';

/** Parses a rate such as `10M` or `unlimited`, for all day or, as `08:00-18:00=2M`, for a part of it. */
export function rate(text: string): RateRule {
  try {
    return parseRateRule(text);
  } catch {
    throw new InvalidArgumentError(
      'It must be a rate such as 10M or unlimited, or 08:00-18:00=2M for a part of the day.',
    );
  }
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
