import { expect, it } from 'vitest';
import { collectRate, rate, timestamp } from './rate-values.ts';

it.each([
  ['10M', { bytesPerSecond: 10 * 1024 ** 2, window: null }],
  ['unlimited', { bytesPerSecond: null, window: null }],
  ['08:00-18:00=2M', { bytesPerSecond: 2 * 1024 ** 2, window: { from: 480, to: 1080 } }],
  ['22:30-06:00=unlimited', { bytesPerSecond: null, window: { from: 1350, to: 360 } }],
])('reads the rate %s', (text, rule) => {
  expect(rate(text)).toEqual(rule);
});

it.each(['', 'fast', '8:00-18:00=2M', '08:00-24:00=2M', '08:00-18:60=2M', '08:00-18:00=', '-5M'])(
  'refuses the rate %j',
  (text) => {
    expect(() => rate(text)).toThrow();
  },
);

it('collects rates in their order', () => {
  const first = collectRate('08:00-18:00=2M', undefined);
  expect(collectRate('unlimited', first)).toEqual([rate('08:00-18:00=2M'), rate('unlimited')]);
});

it.each([
  ['2026-11-22', '2026-11-22T00:00:00.000Z'],
  ['2026-11-22T08:00Z', '2026-11-22T08:00:00.000Z'],
  ['2026-11-22T08:00:00.5+01:00', '2026-11-22T07:00:00.500Z'],
])('reads the time %s', (text, time) => {
  expect(timestamp(text)).toBe(time);
});

it.each(['', 'yesterday', '2026-11-22T08:00:00', '2026-13-01', '2026-02-30', '22.11.2026'])(
  'refuses the time %j, which may mean several',
  (text) => {
    expect(() => timestamp(text)).toThrow();
  },
);
