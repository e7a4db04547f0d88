import { expect, it } from 'vitest';
import { spreadOf } from './measurement.ts';

it('finds the middle of an odd number of figures, and the mean of the two in the middle of an even one', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([10, 2, 4, 1])).toEqual({ median: 3, min: 1, max: 10 });
});
