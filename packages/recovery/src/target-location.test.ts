import { PlatformError } from '@enterprise-backup/contracts/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkTargetLocation, pathsOverlap } from './target-location.ts';

it.each([
  ['/srv/data', '/srv/data', true],
  ['/srv/data/inner', '/srv/data', true],
  ['/srv', '/srv/data', true],
  ['/', '/srv/data', true],
  ['/srv/data2', '/srv/data', false],
  ['/srv/dat', '/srv/data', false],
  ['/restore', '/srv/data', false],
])('%s and %s overlap: %s', (target, source, expected) => {
  expect(pathsOverlap(target, source)).toBe(expected);
});

it('is symmetric', () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(path, path, (a, b) => {
      expect(pathsOverlap(a, b)).toBe(pathsOverlap(b, a));
    }),
  );
});

it('refuses a target over the folder of then and over the folder of now', () => {
  const target = { kind: 'filesystem', path: '/srv/data' } as const;
  expect(() => {
    checkTargetLocation(target, ['/srv/data', '/srv/moved']);
  }).toThrow(PlatformError);
  expect(() => {
    checkTargetLocation(target, ['/srv/old', '/srv/data/inner']);
  }).toThrow(PlatformError);
  expect(() => {
    checkTargetLocation(target, ['/srv/old', '/srv/moved']);
  }).not.toThrow();
});
