import type { SnapshotEntry } from '../format/snapshot.ts';
import { hasAllTags } from './group-snapshots.ts';
import { formatKeepDuration, parseKeepDuration, type KeepDuration } from './keep-duration.ts';
import type { KeepPolicy } from './keep-policy.ts';
import { instantBefore, isoWeek, readSnapshotTime, type SnapshotTime } from './snapshot-time.ts';

/** What becomes of one snapshot of a group, and why. */
export interface GroupDecision {
  readonly entry: SnapshotEntry;
  readonly keep: boolean;
  /** Every rule that keeps it, or the one sentence why none does. */
  readonly reasons: readonly string[];
}

/** A snapshot with its time, and its place in its group: 0 is the newest. */
interface Candidate {
  readonly entry: SnapshotEntry;
  readonly time: SnapshotTime;
  readonly place: number;
}

/** The number of the calendar's unit that a snapshot lies in; two of the same unit have the same number. */
type Bucket = (candidate: Candidate) => number;

const hourly: Bucket = (candidate) => daily(candidate) * 100 + candidate.time.hour;
const daily: Bucket = ({ time }) => time.year * 10_000 + time.month * 100 + time.day;
const weekly: Bucket = ({ time }) => isoWeek(time).year * 100 + isoWeek(time).week;
const monthly: Bucket = ({ time }) => time.year * 100 + time.month;
const yearly: Bucket = ({ time }) => time.year;
const each: Bucket = ({ place }) => place;

/** A rule at work: it keeps the newest snapshot of each bucket, as long as its count or its duration lasts. */
interface BucketRule {
  readonly bucket: Bucket;
  readonly words: string;
  /** -1 is without end. */
  left: number;
  /** Nanoseconds since 1970 after which a snapshot must have been made; null is without bound. */
  readonly after: bigint | null;
  previous: number | null;
}

/**
 * Decides about the snapshots of one group, newest first, as restic 0.16 and later do: a bucket keeps its newest
 * snapshot, and the oldest snapshot of the group stays for each rule that has some of its count left, so that the history
 * reaches as far back as the counts allow. Source: restic's internal/data/snapshot_policy.go. Days of retention are the
 * platform's, see `KeepPolicy`.
 */
export function decideGroup(group: readonly SnapshotEntry[], policy: KeepPolicy, now: Date): GroupDecision[] {
  const candidates = newestFirst(group);
  const newest = newestNotAfter(candidates, now);
  const rules = bucketRules(policy, newest);
  const within = policy.within === null ? null : parseKeepDuration(policy.within);
  const withinAfter = within === null ? null : boundOf(newest, within);
  return candidates.map((candidate) => {
    const { entry, time } = candidate;
    const reasons: string[] = [];
    for (const tags of policy.tags)
      if (hasAllTags(entry.snapshot.tags ?? [], tags)) reasons.push(`has tags [${tags.join(', ')}]`);
    if (within !== null && isAfter(time, withinAfter)) reasons.push(`within ${formatKeepDuration(within)}`);
    for (const rule of rules) {
      const reason = applyRule(rule, candidate, candidate.place === candidates.length - 1);
      if (reason !== null) reasons.push(reason);
    }
    const expiry = policy.retention_days === null ? null : expiryOf(entry, time, policy.retention_days);
    if (expiry !== null && expiry.end > now.getTime())
      reasons.push(`its ${expiry.days} days end at ${toText(expiry.end)}`);
    else if (expiry !== null && candidate === (newest ?? candidates[0])) reasons.push('newest of its group');
    if (reasons.length > 0) return { entry, keep: true, reasons };
    const over = expiry === null ? '' : `its ${expiry.days} days ended at ${toText(expiry.end)} and `;
    return { entry, keep: false, reasons: [`${over}no rule keeps it`] };
  });
}

/** Snapshots of one instant stand in the order of their ids, so that a plan can be made again. */
function newestFirst(group: readonly SnapshotEntry[]): Candidate[] {
  return group
    .map((entry) => ({ entry, time: readSnapshotTime(entry.snapshot.time) }))
    .sort((left, right) => {
      if (left.time.instant !== right.time.instant) return left.time.instant > right.time.instant ? -1 : 1;
      return left.entry.id < right.entry.id ? -1 : 1;
    })
    .map((candidate, place) => ({ ...candidate, place }));
}

/** A snapshot from the future, made under a wrong clock, is not what durations are counted from. */
function newestNotAfter(candidates: readonly Candidate[], now: Date): Candidate | null {
  const present = BigInt(now.getTime()) * 1_000_000n;
  return candidates.find(({ time }) => time.instant < present) ?? null;
}

function bucketRules(policy: KeepPolicy, newest: Candidate | null): BucketRule[] {
  const byCount = [
    { bucket: each, words: 'last snapshot', left: policy.last },
    { bucket: hourly, words: 'hourly snapshot', left: policy.hourly },
    { bucket: daily, words: 'daily snapshot', left: policy.daily },
    { bucket: weekly, words: 'weekly snapshot', left: policy.weekly },
    { bucket: monthly, words: 'monthly snapshot', left: policy.monthly },
    { bucket: yearly, words: 'yearly snapshot', left: policy.yearly },
  ].filter(({ left }) => left !== 0);
  const byTime = [
    { bucket: hourly, words: 'hourly within', text: policy.within_hourly },
    { bucket: daily, words: 'daily within', text: policy.within_daily },
    { bucket: weekly, words: 'weekly within', text: policy.within_weekly },
    { bucket: monthly, words: 'monthly within', text: policy.within_monthly },
    { bucket: yearly, words: 'yearly within', text: policy.within_yearly },
  ].flatMap(({ bucket, words, text }) => {
    const duration = text === null ? null : parseKeepDuration(text);
    if (duration === null) return [];
    return [{ bucket, words: `${words} ${formatKeepDuration(duration)}`, left: -1, after: boundOf(newest, duration) }];
  });
  return [...byCount.map((rule) => ({ ...rule, after: null })), ...byTime].map((rule) => ({ ...rule, previous: null }));
}

/** Takes one of the rule's count for the snapshot, or returns null when the rule does not keep it. */
function applyRule(rule: BucketRule, candidate: Candidate, isOldest: boolean): string | null {
  if (rule.left === 0 || !isAfter(candidate.time, rule.after)) return null;
  const value = rule.bucket(candidate);
  const isNewBucket = value !== rule.previous;
  if (!isNewBucket && !isOldest) return null;
  rule.previous = value;
  if (rule.left > 0) rule.left -= 1;
  return isNewBucket ? rule.words : `oldest ${rule.words}`;
}

/** Where every snapshot lies in the future there is nothing to count back from, and a duration keeps all of them. */
function boundOf(newest: Candidate | null, duration: KeepDuration): bigint | null {
  return newest === null ? null : instantBefore(newest.time, duration);
}

function isAfter(time: SnapshotTime, bound: bigint | null): boolean {
  return bound === null || time.instant > bound;
}

const retentionTag = /^retention_days:([1-9]\d{0,4})$/;
const millisecondsPerDay = 86_400_000;

function expiryOf(
  { snapshot }: SnapshotEntry,
  { instant }: SnapshotTime,
  usual: number,
): { readonly days: number; readonly end: number } {
  const own = (snapshot.tags ?? []).map((tag) => retentionTag.exec(tag)?.[1]).find((days) => days !== undefined);
  const days = own === undefined ? usual : Number(own);
  return { days, end: Number(instant / 1_000_000n) + days * millisecondsPerDay };
}

function toText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
