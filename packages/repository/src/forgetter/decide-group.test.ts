import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { snapshotId } from '@enterprise-backup/contracts/ids';
import { describe, expect, it } from 'vitest';
import { asBlobId } from '../format/blob.ts';
import type { SnapshotEntry } from '../format/snapshot.ts';
import { decideGroup } from './decide-group.ts';
import { formatKeepDuration, parseKeepDuration } from './keep-duration.ts';
import { describePolicy, isEmptyPolicy, keepPolicy, type KeepPolicyInput } from './keep-policy.ts';
import { isoWeek, readSnapshotTime } from './snapshot-time.ts';

const now = new Date('2026-06-01T00:00:00Z');

const entry = (time: string, tags: readonly string[] = []): SnapshotEntry => ({
  id: snapshotId.parse(createHash('sha256').update(`${time} ${tags.join()}`).digest('hex')),
  snapshot: {
    time,
    tree: asBlobId('0'.repeat(64)),
    tags: [...tags],
    parent: undefined,
    paths: undefined,
    hostname: undefined,
    username: undefined,
    uid: undefined,
    gid: undefined,
    excludes: undefined,
    original: undefined,
    program_version: undefined,
    summary: undefined,
  },
});

const decide = (group: readonly SnapshotEntry[], policy: KeepPolicyInput) =>
  decideGroup(group, keepPolicy.parse(policy), now).map(
    ({ entry: { snapshot }, keep, reasons }) => `${keep ? 'keep' : 'drop'} ${snapshot.time}: ${reasons.join('; ')}`,
  );

describe('a policy', () => {
  it('buckets by the calendar of the zone that a snapshot was made in', () => {
    // One and the same hour, on two days of two zones.
    const group = [entry('2026-05-02T00:30:00+02:00'), entry('2026-05-01T22:10:00Z'), entry('2026-04-01T00:00:00Z')];
    expect(decide(group, { daily: 2 })).toEqual([
      'keep 2026-05-02T00:30:00+02:00: daily snapshot',
      'keep 2026-05-01T22:10:00Z: daily snapshot',
      'drop 2026-04-01T00:00:00Z: no rule keeps it',
    ]);
  });

  it('keeps the oldest snapshot while a count is left, and says so', () => {
    const group = [entry('2026-05-01T10:00:00Z'), entry('2026-05-01T09:00:00Z'), entry('2026-05-01T08:00:00Z')];
    expect(decide(group, { yearly: 2 })).toEqual([
      'keep 2026-05-01T10:00:00Z: yearly snapshot',
      'drop 2026-05-01T09:00:00Z: no rule keeps it',
      'keep 2026-05-01T08:00:00Z: oldest yearly snapshot',
    ]);
    expect(decide(group, { yearly: 1 }).filter((line) => line.startsWith('keep'))).toHaveLength(1);
  });

  it('counts durations back from the newest snapshot that is not in the future, months as Go does', () => {
    const group = [
      entry('2099-01-01T00:00:00Z'),
      entry('2026-03-31T12:00:00Z'),
      entry('2026-03-03T12:00:01Z'),
      entry('2026-03-03T12:00:00Z'),
    ];
    expect(decide(group, { within: '1m' }).map((line) => line.slice(0, 4))).toEqual(['keep', 'keep', 'keep', 'drop']);
    const future = [entry('2099-01-01T00:00:00Z'), entry('2098-01-01T00:00:00Z')];
    expect(decide(future, { within: '1h' }).every((line) => line.startsWith('keep'))).toBe(true);
  });

  it('keeps by tags: all of one list, and the empty tag for none', () => {
    const group = [
      entry('2026-01-03T00:00:00Z', ['a', 'b']),
      entry('2026-01-02T00:00:00Z', ['a']),
      entry('2026-01-01T00:00:00Z'),
    ];
    expect(decide(group, { tags: [['a', 'b'], ['']] })).toEqual([
      'keep 2026-01-03T00:00:00Z: has tags [a, b]',
      'drop 2026-01-02T00:00:00Z: no rule keeps it',
      'keep 2026-01-01T00:00:00Z: has tags []',
    ]);
  });

  it('keeps for its days of retention, a snapshot’s own before the policy’s, and the newest for good', () => {
    const group = [
      entry('2026-04-01T00:00:00Z'),
      entry('2026-03-01T00:00:00Z', ['retention_days:100']),
      entry('2026-02-01T00:00:00Z', ['retention_days:20']),
    ];
    expect(decide(group, { retention_days: 30 })).toEqual([
      'keep 2026-04-01T00:00:00Z: newest of its group',
      'keep 2026-03-01T00:00:00Z: its 100 days end at 2026-06-09T00:00:00.000Z',
      'drop 2026-02-01T00:00:00Z: its 20 days ended at 2026-02-21T00:00:00.000Z and no rule keeps it',
    ]);
  });

  it('takes -1 for a count without end', () => {
    const times = fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2026, 4) });
    const rules = fc.constantFrom('last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly');
    fc.assert(
      fc.property(fc.uniqueArray(times, { minLength: 1, maxLength: 60 }), rules, (all, rule) => {
        const group = all.map((time) => entry(new Date(time).toISOString()));
        expect(decide(group, { [rule]: -1 })).toEqual(decide(group, { [rule]: 100_000 }));
      }),
    );
  });

  it('keeps no less when a rule is added', () => {
    const times = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2026, 4) });
    const counts = fc.record({ last: fc.nat(5), daily: fc.nat(9), weekly: fc.nat(6), monthly: fc.nat(5) });
    fc.assert(
      fc.property(fc.uniqueArray(times, { minLength: 1, maxLength: 60 }), counts, (all, policy) => {
        const group = all.map((time) => entry(new Date(time).toISOString()));
        const kept = (input: KeepPolicyInput) =>
          new Set(
            decideGroup(group, keepPolicy.parse(input), now).flatMap(({ entry: { id }, keep }) => (keep ? id : [])),
          );
        const more = kept({ ...policy, yearly: 2 });
        for (const id of kept(policy)) expect(more).toContain(id);
      }),
    );
  });

  it('is empty without a rule, and is told in words', () => {
    expect(isEmptyPolicy(keepPolicy.parse({}))).toBe(true);
    expect(isEmptyPolicy(keepPolicy.parse({ tags: [['x']] }))).toBe(false);
    const policy = keepPolicy.parse({ daily: 7, yearly: -1, within: '14d', within_weekly: '1m', tags: [['a', 'b']] });
    expect(describePolicy(policy)).toBe('7 daily, all yearly, within 14d, weekly within 1m, tags a and b');
    for (const wrong of [{ daily: -2 }, { within: '1x' }, { within: '0d' }, { keep: 1 }]) {
      expect(keepPolicy.safeParse(wrong).success).toBe(false);
    }
  });
});

describe('durations and weeks', () => {
  it('reads what it writes', () => {
    const part = fc.nat(9999);
    fc.assert(
      fc.property(fc.record({ years: part, months: part, days: part, hours: part }), (duration) => {
        const isZero = Object.values(duration).every((value) => value === 0);
        expect(parseKeepDuration(formatKeepDuration(duration))).toEqual(isZero ? null : duration);
      }),
    );
    expect(parseKeepDuration('2d1y3d')).toEqual({ years: 1, months: 0, days: 3, hours: 0 });
    for (const wrong of ['', '1', 'd', '-1d', '1.5d', '1d ']) expect(parseKeepDuration(wrong)).toBeNull();
  });

  // ISO 8601 weeks around the turn of years, from the calendar.
  it.each([
    ['2020-12-31T00:00:00Z', 2020, 53],
    ['2021-01-03T23:59:59Z', 2020, 53],
    ['2021-01-04T00:00:00Z', 2021, 1],
    ['2024-12-30T00:00:00Z', 2025, 1],
    ['1969-12-28T00:00:00Z', 1969, 52],
    ['1969-12-29T00:00:00Z', 1970, 1],
    ['2016-01-03T12:00:00+09:00', 2015, 53],
  ])('%s lies in week %i-%i', (time, year, week) => {
    expect(isoWeek(readSnapshotTime(time))).toEqual({ year, week });
  });
});
