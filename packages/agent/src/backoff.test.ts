import { expect, it } from 'vitest';
import { backoffMilliseconds } from './backoff.ts';

const bounds = { first_milliseconds: 500, longest_milliseconds: 15_000 };

it('doubles up to its bound', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => backoffMilliseconds(failures, bounds, 1))).toEqual([
    500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
  ]);
});

it('is never less than half of that', () => {
  expect(backoffMilliseconds(1, bounds, 0)).toBe(250);
  expect(backoffMilliseconds(9, bounds, 0)).toBe(7500);
});
