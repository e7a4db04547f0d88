import { appendFileSync, chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { compareTrees } from './compare-trees.ts';

const twoTrees = (): readonly [string, string] => {
  const place = temporaryDirectoryForTest('compare');
  const [left, right] = [join(place, 'left'), join(place, 'right')];
  mkdirSync(join(left, 'folder'), { recursive: true });
  writeFileSync(join(left, 'folder', 'file'), 'content');
  symlinkSync('file', join(left, 'folder', 'link'));
  cpSync(left, right, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  utimesSync(join(left, 'folder', 'file'), 1000, 1000);
  utimesSync(join(right, 'folder', 'file'), 1000, 1000);
  return [left, right];
};

it('counts the files of trees that are alike', () => {
  expect(compareTrees(...twoTrees())).toBe(1);
});

const changes: readonly (readonly [string, (file: string) => void])[] = [
  ['the content', (file) => (writeFileSync(file, 'contenT'), utimesSync(file, 1000, 1000))],
  ['the size', (file) => appendFileSync(file, 'x')],
  ['the modification time', (file) => utimesSync(file, 1000, 1001)],
  ['permissions', (file) => chmodSync(file, 0o600)],
  ['name', (file) => rmSync(file)],
  ['name', (file) => writeFileSync(`${file}-more`, '')],
];

it.each(changes)('tells when %s differs', (word, change) => {
  const [left, right] = twoTrees();
  change(join(right, 'folder', 'file'));
  expect(() => compareTrees(left, right)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(word) as string }),
  );
});
