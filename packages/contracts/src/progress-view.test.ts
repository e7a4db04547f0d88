import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskProgress } from './progress.ts';
import { viewProgress } from './progress-view.ts';

const since = new Date('2026-06-01T00:00:00.000Z');
const after = (seconds: number): Date => new Date(since.getTime() + seconds * 1000);
const progress = (fields: Partial<TaskProgress>): TaskProgress => ({
  phase: 'reading',
  bytes_done: 0,
  bytes_total: null,
  files_done: 0,
  files_total: null,
  ...fields,
});

describe('progress', () => {
  it('is unknown while nothing was reported', () => {
    expect(viewProgress({ status: 'pending', progress: null, since: null }, after(5))).toEqual({
      ...progress({ phase: 'waiting' }),
      percent: null,
      bytes_per_second: null,
      eta_seconds: null,
    });
  });

  it('shows percent, mean rate and remaining time', () => {
    const reported = progress({ bytes_done: 250, bytes_total: 1000 });
    expect(viewProgress({ status: 'running', progress: reported, since }, after(10))).toMatchObject({
      percent: 25,
      bytes_per_second: 25,
      eta_seconds: 30,
    });
  });

  it.each([
    ['the total is not known', { bytes_done: 250 }, null],
    ['the files are counted because there are no bytes', { bytes_total: 0, files_done: 1, files_total: 4 }, 25],
    ['all is written but the work has not ended', { bytes_done: 1000, bytes_total: 1000 }, 99.9],
    ['the source grew after it was counted', { bytes_done: 2000, bytes_total: 1000 }, 99.9],
    ['it is rounded down', { bytes_done: 1, bytes_total: 3 }, 33.3],
  ])('when %s', (_, fields, percent) => {
    expect(viewProgress({ status: 'running', progress: progress(fields), since }, after(1)).percent).toBe(percent);
  });

  it('has no rate at its very start, and no remaining time while nothing is done', () => {
    const reported = progress({ bytes_total: 1000 });
    expect(viewProgress({ status: 'running', progress: reported, since }, since).bytes_per_second).toBeNull();
    expect(viewProgress({ status: 'running', progress: reported, since }, after(9)).eta_seconds).toBeNull();
  });

  it('is 100 when completed, with the rate of the whole attempt', () => {
    const done = progress({ phase: 'done', bytes_done: 1000, bytes_total: 1000 });
    expect(viewProgress({ status: 'completed', progress: done, since }, after(4))).toMatchObject({
      percent: 100,
      bytes_per_second: 250,
      eta_seconds: 0,
    });
  });

  it('reaches 100 in no other state', () => {
    const reports = fc.record({
      phase: fc.constantFrom('reading' as const, 'finishing' as const, 'done' as const),
      bytes_done: fc.nat(),
      bytes_total: fc.option(fc.nat()),
      files_done: fc.nat(),
      files_total: fc.option(fc.nat()),
    });
    const states = fc.constantFrom('pending' as const, 'running' as const, 'failed' as const, 'cancelled' as const);
    fc.assert(
      fc.property(reports, states, fc.integer({ min: -5, max: 9999 }), (report, status, seconds) => {
        const view = viewProgress({ status, progress: report, since }, after(seconds));
        expect(view.percent ?? 0).toBeGreaterThanOrEqual(0);
        expect(view.percent ?? 0).toBeLessThan(100);
        expect(view.eta_seconds ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
