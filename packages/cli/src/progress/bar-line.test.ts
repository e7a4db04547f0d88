import type { ProgressView } from '@enterprise-backup/contracts/progress';
import { describe, expect, it } from 'vitest';
import { barLine } from './bar-line.ts';
import { progressWords } from './progress-words.ts';

const reading: ProgressView = {
  phase: 'reading',
  bytes_done: 1_300_000_000,
  bytes_total: 2_100_000_000,
  files_done: 23_114,
  files_total: 41_002,
  percent: 61.9,
  bytes_per_second: 92_274_688,
  eta_seconds: 9,
};

describe('a progress line', () => {
  it('shows everything where there is room', () => {
    expect(barLine('full backup', reading, 110)).toBe(
      'full backup  [#############---------]   61 %  1.2 GiB of 2.0 GiB  23,114 of 41,002 files  88.0 MiB/s  9 s left',
    );
  });

  it('leaves out the least telling where there is less', () => {
    expect(barLine('full backup', reading, 79)).toBe(
      'full backup  [#######-----]   61 %  1.2 GiB  23,114 files  88.0 MiB/s  9 s left',
    );
    expect(barLine('full backup', reading, 59)).toBe('full backup  [###########-------]   61 %  1.2 GiB  9 s left');
  });

  it('never is longer than the terminal is wide', () => {
    for (let width = 0; width <= 200; width += 1) {
      for (const progress of [reading, { ...reading, percent: null, bytes_total: null, eta_seconds: null }]) {
        expect(barLine('differential backup', progress, width).length).toBeLessThanOrEqual(width);
      }
    }
  });

  it('shows the phase while the total is unknown', () => {
    const planning = { ...reading, phase: 'planning' as const, percent: null, bytes_total: null, files_total: null };
    expect(barLine('backup', { ...planning, bytes_per_second: null, eta_seconds: null }, 80)).toBe(
      'backup  planning  1.2 GiB  23,114 files',
    );
  });
});

it('progress in words has all figures that are known', () => {
  expect(progressWords(reading)).toBe(
    'reading, 61 %, 1.2 GiB of 2.0 GiB, 23,114 of 41,002 files, 88.0 MiB/s, 9 s left',
  );
});
