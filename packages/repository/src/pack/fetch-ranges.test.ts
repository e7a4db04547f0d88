import { describe, expect, it } from 'vitest';
import { rangesOf } from './fetch-ranges.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

function ranges(...spans: readonly (readonly [offset: number, length: number])[]): object[] {
  const found = rangesOf({
    length: spans.length,
    offsetAt: (at) => spans[at]?.[0] ?? 0,
    lengthAt: (at) => spans[at]?.[1] ?? 0,
  });
  return [...found];
}

describe('ranges of a pack', () => {
  it('join blobs that lie near each other', () => {
    expect(ranges()).toEqual([]);
    expect(ranges([500, 10])).toEqual([{ offset: 500, length: 10, first: 0, end: 1 }]);
    expect(ranges([0, 10], [10 + 256 * KiB, 10], [20 + 512 * KiB + 1, 5])).toEqual([
      { offset: 0, length: 20 + 256 * KiB, first: 0, end: 2 },
      { offset: 21 + 512 * KiB, length: 5, first: 2, end: 3 },
    ]);
  });

  it('are no longer than 8 MiB, save for a blob that is longer itself', () => {
    expect(ranges([0, 8 * MiB - 1], [8 * MiB - 1, 1], [8 * MiB, 1], [8 * MiB + 1, 9 * MiB], [17 * MiB + 1, 1])).toEqual(
      [
        { offset: 0, length: 8 * MiB, first: 0, end: 2 },
        { offset: 8 * MiB, length: 1, first: 2, end: 3 },
        { offset: 8 * MiB + 1, length: 9 * MiB, first: 3, end: 4 },
        { offset: 17 * MiB + 1, length: 1, first: 4, end: 5 },
      ],
    );
  });

  it('hold blobs that a wrong index lets overlap', () => {
    expect(ranges([100, 50], [110, 5], [120, 100])).toEqual([{ offset: 100, length: 120, first: 0, end: 3 }]);
  });
});
