import { expect, it } from 'vitest';
import { joinCosts, spreadOf } from './measurement.ts';

it('finds the middle of an odd number of figures, and the mean of the two in the middle of an even one', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([10, 2, 4, 1])).toEqual({ median: 3, min: 1, max: 10 });
});

it('adds the times of commands that ran one after the other, and takes the larger memory', () => {
  const first = { wall_seconds: 1, user_seconds: 2, system_seconds: 3, peak_memory_bytes: 400 };
  const second = { wall_seconds: 10, user_seconds: 20, system_seconds: 30, peak_memory_bytes: 100 };
  expect(joinCosts([first, second])).toEqual({
    wall_seconds: 11,
    user_seconds: 22,
    system_seconds: 33,
    peak_memory_bytes: 400,
  });
  expect(joinCosts([first])).toEqual(first);
});
