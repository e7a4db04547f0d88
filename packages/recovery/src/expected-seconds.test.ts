import { expect, it } from 'vitest';
import { expectedRecoverySeconds } from './expected-seconds.ts';

const gigabyte = 1_000_000_000;

it('is unknown without a recovery to learn from', () => {
  expect(expectedRecoverySeconds({ bytes: gigabyte, files: 10 }, [])).toBeNull();
  expect(expectedRecoverySeconds({ bytes: gigabyte, files: 10 }, [{ bytes: 0, files: 0, seconds: 3 }])).toBeNull();
});

it('follows the rate of earlier recoveries', () => {
  const history = [{ bytes: 2 * gigabyte, files: 0, seconds: 20 }];
  expect(expectedRecoverySeconds({ bytes: gigabyte, files: 0 }, history)).toBe(10);
  expect(expectedRecoverySeconds({ bytes: 5 * gigabyte, files: 0 }, history)).toBe(50);
});

it('weighs long recoveries more than short ones, by their work', () => {
  const history = [
    { bytes: 9 * gigabyte, files: 0, seconds: 90 },
    { bytes: gigabyte, files: 0, seconds: 110 },
  ];
  expect(expectedRecoverySeconds({ bytes: gigabyte, files: 0 }, history)).toBe(20);
});

it('counts many small files as work', () => {
  const history = [{ bytes: gigabyte, files: 0, seconds: 10 }];
  const one = expectedRecoverySeconds({ bytes: 1_000_000, files: 1 }, history) ?? 0;
  const many = expectedRecoverySeconds({ bytes: 1_000_000, files: 100_000 }, history) ?? 0;
  expect(many).toBeGreaterThan(one * 10);
});

it('expects nothing of an empty point, and rounds up otherwise', () => {
  const history = [{ bytes: gigabyte, files: 0, seconds: 1 }];
  expect(expectedRecoverySeconds({ bytes: 0, files: 0 }, history)).toBe(0);
  expect(expectedRecoverySeconds({ bytes: 1, files: 0 }, history)).toBe(1);
});
