import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRetention, expiryOf, type RetainedPoint } from './retention-decisions.ts';

const now = new Date('2026-06-01T00:00:00.000Z');

const point = (job_id: number, daysAgo: number, fields: Partial<RetainedPoint> = {}): RetainedPoint => ({
  job_id,
  snapshot_id: job_id.toString(16).padStart(64, '0'),
  source_system: 'files-01',
  created_at: new Date(now.getTime() - daysAgo * 86_400_000).toISOString(),
  retention_days: 7,
  hold_reason: null,
  in_use: false,
  ...fields,
});

const outcome = (points: readonly RetainedPoint[]) =>
  decideRetention(points, now).map(({ backup_id, keep, reason }) => [backup_id, keep, reason]);

describe('retention', () => {
  it('keeps the newest point of a source however old it is', () => {
    expect(outcome([point(1, 400)])).toEqual([['backup-1', true, 'it is the newest point of files-01']]);
  });

  it('removes what is older than its days, with the reason', () => {
    expect(outcome([point(1, 8), point(2, 6), point(3, 0)])).toEqual([
      ['backup-1', false, 'its 7 days ended at 2026-05-31T00:00:00.000Z'],
      ['backup-2', true, 'its 7 days end at 2026-06-02T00:00:00.000Z'],
      ['backup-3', true, 'it is the newest point of files-01'],
    ]);
  });

  it('ends the days at the very millisecond', () => {
    const created = now.getTime() - 7 * 86_400_000;
    const late = point(1, 0, { created_at: new Date(created + 1).toISOString() });
    const exact = point(2, 0, { created_at: new Date(created).toISOString() });
    expect(outcome([exact, late, point(3, 0)]).map(([, keep]) => keep)).toEqual([false, true, true]);
  });

  it('keeps held points and points in use', () => {
    const held = point(1, 90, { hold_reason: 'legal case 7' });
    const used = point(2, 80, { in_use: true });
    expect(outcome([held, used, point(3, 0)]).slice(0, 2)).toEqual([
      ['backup-1', true, 'it is held: legal case 7'],
      ['backup-2', true, 'a recovery of it waits or runs'],
    ]);
  });

  it('lets no point expire when the clock was put back', () => {
    expect(outcome([point(1, -3), point(2, -2)]).every(([, keep]) => keep)).toBe(true);
  });

  it('takes the later job for the newest of two points of one instant', () => {
    expect(outcome([point(2, 30), point(1, 30)]).map(([id, keep]) => [id, keep])).toEqual([
      ['backup-1', false],
      ['backup-2', true],
    ]);
  });

  const points = fc
    .array(
      fc.record({
        source_system: fc.constantFrom('files-01', 'files-02', 'db-01'),
        days_ago: fc.integer({ min: -2, max: 60 }),
        retention_days: fc.integer({ min: 1, max: 40 }),
        hold_reason: fc.option(fc.constant('audit'), { freq: 5 }),
        in_use: fc.boolean(),
      }),
      { maxLength: 40 },
    )
    .map((drafts) => drafts.map(({ days_ago, ...fields }, index) => point(index + 1, days_ago, fields)));

  it('never removes the last point of a source, a held, a used or a young one', () => {
    fc.assert(
      fc.property(points, (all) => {
        const decisions = decideRetention(all, now);
        expect(decisions.map(({ backup_id }) => backup_id).toSorted()).toEqual(
          all.map(({ job_id }) => `backup-${job_id}`).toSorted(),
        );
        const byId = new Map(all.map((candidate) => [`backup-${candidate.job_id}`, candidate]));
        for (const { backup_id, keep, source_system } of decisions) {
          const decided = byId.get(backup_id);
          const newest = all
            .filter((candidate) => candidate.source_system === source_system)
            .every((candidate) => candidate.created_at <= (decided?.created_at ?? ''));
          if (!keep) {
            expect(decided).toMatchObject({ hold_reason: null, in_use: false });
            if (decided !== undefined) expect(expiryOf(decided).getTime()).toBeLessThanOrEqual(now.getTime());
          }
          if (newest && all.filter((candidate) => candidate.created_at === decided?.created_at).length === 1) {
            expect(keep).toBe(true);
          }
        }
        for (const source of new Set(all.map((candidate) => candidate.source_system))) {
          const kept = decisions.filter((decision) => decision.source_system === source && decision.keep);
          expect(kept.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('removes no more when it is planned again after it was applied', () => {
    fc.assert(
      fc.property(points, (all) => {
        const kept = new Set(decideRetention(all, now).flatMap(({ backup_id, keep }) => (keep ? [backup_id] : [])));
        const left = all.filter(({ job_id }) => [...kept].includes(`backup-${job_id}` as never));
        expect(decideRetention(left, now).every(({ keep }) => keep)).toBe(true);
      }),
    );
  });
});
