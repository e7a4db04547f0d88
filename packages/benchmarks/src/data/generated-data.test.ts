import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { changeFiles } from './change-files.ts';
import { writeDump } from './database-dump.ts';
import { planFiles, writeFiles } from './file-set.ts';
import { makeLinePools } from './line-pools.ts';
import { listFiles } from './list-files.ts';

const pools = makeLinePools('seed');

const contents = (folder: string): Map<string, string> =>
  new Map(
    listFiles(folder).map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex'),
    ]),
  );

it('makes the same files from the same seed and others from another', () => {
  const [first, second, other] = ['x', 'x', 'y'].map((seed) => {
    const folder = temporaryDirectoryForTest('data');
    writeFiles(folder, planFiles(seed, 60, 600_000), pools, seed);
    return contents(folder);
  });
  expect(first?.size).toBe(60);
  expect(second).toEqual(first);
  expect(other).not.toEqual(first);
});

it('keeps to the number of files and nearly to the bytes', () => {
  const files = planFiles('seed', 5000, 100e6);
  expect(new Set(files.map(({ path }) => path)).size).toBe(5000);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  expect(Math.abs(bytes - 100e6)).toBeLessThan(15e6);
});

it('changes the share of the files that it is told: other bytes, removed, moved, added', () => {
  const folder = temporaryDirectoryForTest('data');
  writeFiles(folder, planFiles('seed', 200, 1_000_000), pools, 'seed');
  const before = contents(folder);
  changeFiles(folder, 0.05, pools, 'seed', 1);
  const after = contents(folder);
  const gone = [...before.keys()].filter((path) => !after.has(path));
  const come = [...after.keys()].filter((path) => !before.has(path));
  const changed = [...before].filter(([path, hash]) => after.has(path) && after.get(path) !== hash);
  expect(gone).toHaveLength(4);
  expect(come.filter((path) => path.includes('added-'))).toHaveLength(2);
  expect(come.filter((path) => path.includes('moved-'))).toHaveLength(2);
  expect(changed.length).toBeGreaterThan(0);
  expect(changed.length).toBeLessThanOrEqual(4);
});

it('changes about one row in a hundred from one version of the dump to the next', () => {
  const folder = temporaryDirectoryForTest('data');
  const rowsOf = (version: number): string[] => {
    const path = join(folder, `${version}.sql`);
    writeDump(path, 2e6, pools, 'seed', version);
    expect(Math.abs(statSync(path).size - 2e6)).toBeLessThan(0.3e6);
    return readFileSync(path, 'utf8').split(/,(?=\()|;\nINSERT INTO `orders` VALUES /);
  };
  const [first, again, next] = [rowsOf(0), rowsOf(0), rowsOf(1)];
  expect(again).toEqual(first);
  expect(next).toHaveLength(first.length);
  const changed = next.filter((row, number) => row !== first[number]).length;
  expect(changed / first.length).toBeGreaterThan(0.004);
  expect(changed / first.length).toBeLessThan(0.05);
});
