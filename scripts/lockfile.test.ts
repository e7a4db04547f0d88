import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockedPackage>> };

it('holds no address', () => {
  const resolved = Object.values(packages).flatMap((entry) => (entry.resolved === undefined ? [] : [entry.resolved]));
  expect(resolved.filter((place) => !place.startsWith('packages/'))).toEqual([]);
  expect(text).not.toMatch(/"(?:resolved|tarball)": "[a-z+]+:/);
});

it('holds the packages of every platform: npm leaves out what its machine does not use, and npm ci then fails', () => {
  const locked = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')));
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
      .filter((name) => !locked.has(name))
      .map((name) => `${path} -> ${name}`),
  );
  expect(missing).toEqual([]);
});
