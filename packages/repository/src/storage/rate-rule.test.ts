import { expect, it } from 'vitest';
import { parseRateRule } from './rate-rule.ts';

it.each([
  ['10M', { bytesPerSecond: 10 * 1024 ** 2, window: null }],
  ['65536', { bytesPerSecond: 65536, window: null }],
  ['unlimited', { bytesPerSecond: null, window: null }],
  ['08:00-18:00=2M', { bytesPerSecond: 2 * 1024 ** 2, window: { from: 480, to: 1080 } }],
  ['22:30-06:00=unlimited', { bytesPerSecond: null, window: { from: 1350, to: 360 } }],
])('reads the rate %s', (text, rule) => {
  expect(parseRateRule(text)).toEqual(rule);
});

it.each(['', 'fast', '8:00-18:00=2M', '08:00-24:00=2M', '08:00-18:60=2M', '08:00-18:00=', '-5M', '2M ', '1T'])(
  'refuses the rate %j',
  (text) => {
    expect(() => parseRateRule(text)).toThrow(expect.objectContaining({ code: 'STORAGE_OPTIONS_INVALID' }));
  },
);
