import * as z from 'zod';
import { formatKeepDuration, parseKeepDuration } from './keep-duration.ts';

/** How many to keep: -1 keeps all, 0 says nothing. */
const keepCount = z.int().min(-1).default(0);
const keepDuration = z
  .string()
  .refine((text) => parseKeepDuration(text) !== null, 'must be a duration such as 1y5m7d2h')
  .nullable()
  .default(null);

/**
 * What to keep of each group of snapshots; whatever one rule keeps stays. Counts and durations mean what they mean to
 * restic: buckets by the calendar of the zone that a snapshot was made in, weeks by ISO 8601, durations back from the
 * newest snapshot that does not lie in the future.
 */
export const keepPolicy = z.strictObject({
  last: keepCount,
  hourly: keepCount,
  daily: keepCount,
  weekly: keepCount,
  monthly: keepCount,
  yearly: keepCount,
  within: keepDuration,
  within_hourly: keepDuration,
  within_daily: keepDuration,
  within_weekly: keepDuration,
  within_monthly: keepDuration,
  within_yearly: keepDuration,
  /** Lists of tags: a snapshot that has all tags of one list stays. The empty tag stands for a snapshot without tags. */
  tags: z.array(z.array(z.string()).min(1)).default([]),
  /**
   * Days that a snapshot stays after it was made, unless its own tag `retention_days:<n>` says another number; the newest
   * one of its group stays however old it is. This is how the platform's own retention decides.
   */
  retention_days: z.int().min(1).max(36_500).nullable().default(null),
});
export type KeepPolicy = z.output<typeof keepPolicy>;
export type KeepPolicyInput = z.input<typeof keepPolicy>;

/** Tells whether a policy has no rule: it would keep nothing. */
export function isEmptyPolicy(policy: KeepPolicy): boolean {
  return Object.values(policy).every(
    (rule) => rule === 0 || rule === null || (Array.isArray(rule) && rule.length === 0),
  );
}

const counted = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
const bucketed = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;

/** A policy in words for a person: `7 daily, all yearly, within 1m; tags legal`. */
export function describePolicy(policy: KeepPolicy): string {
  const duration = (text: string | null) => {
    const parsed = text === null ? null : parseKeepDuration(text);
    return parsed === null ? null : formatKeepDuration(parsed);
  };
  const counts = counted
    .filter((name) => policy[name] !== 0)
    .map((name) => `${policy[name] === -1 ? 'all' : policy[name]} ${name}`);
  const within = duration(policy.within);
  const bucketsWithin = bucketed.flatMap((name) => {
    const text = duration(policy[`within_${name}`]);
    return text === null ? [] : [`${name} within ${text}`];
  });
  return [
    ...counts,
    ...(within === null ? [] : [`within ${within}`]),
    ...bucketsWithin,
    ...policy.tags.map((tags) => `tags ${tags.join(' and ')}`),
    ...(policy.retention_days === null ? [] : [`${policy.retention_days} days of retention`]),
  ].join(', ');
}
