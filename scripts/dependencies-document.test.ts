import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

type Manifest = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

const root = dirname(import.meta.dirname);

const namedIn = (path: string): string[] => {
  const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
  return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  );
};

it('has a line for every dependency, and none for another', () => {
  const used = ['package.json', ...globSync('packages/*/package.json', { cwd: root })]
    .flatMap(namedIn)
    .filter((name) => !name.startsWith('@enterprise-backup/'));
  const rows = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const described = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1]),
  );
  expect(described.toSorted()).toEqual([...new Set(used)].toSorted());
});
