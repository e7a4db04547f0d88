import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseParent, type ParentCandidate } from './parent-choice.ts';

const point = (job_id: number, backup_type: ParentCandidate['backup_type'], day: number): ParentCandidate => ({
  job_id,
  backup_type,
  snapshot_id: String(job_id).padStart(64, '0'),
  created_at: `2026-05-${String(day).padStart(2, '0')}T02:00:00.000Z`,
});

const week = [point(1, 'full', 1), point(2, 'incremental', 2), point(3, 'full', 3), point(4, 'differential', 4)];

describe('the parent', () => {
  it.each([
    ['full', null],
    ['incremental', 4],
    ['differential', 3],
  ] as const)('of a %s backup', (type, expected) => {
    expect(chooseParent(type, week).parent?.job_id ?? null).toBe(expected);
  });

  it.each(['full', 'incremental', 'differential'] as const)('of the first %s backup is none', (type) => {
    expect(chooseParent(type, []).parent).toBeNull();
  });

  it('of a differential backup is none while there is no full point', () => {
    expect(chooseParent('differential', [point(1, 'incremental', 1)])).toEqual({
      parent: null,
      reason: 'the source has no full point in this repository',
    });
  });

  it('is the newest by time and not by number: a job that waited long may end after later ones', () => {
    expect(chooseParent('incremental', [point(9, 'incremental', 2), point(8, 'incremental', 3)]).parent?.job_id).toBe(
      8,
    );
  });

  it('does not depend on the order of the points', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(week, { minLength: 4 }), (points) => {
        expect(chooseParent('incremental', points).parent?.job_id).toBe(4);
        expect(chooseParent('differential', points).parent?.job_id).toBe(3);
      }),
    );
  });
});
