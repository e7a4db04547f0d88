import { compareFolders } from '@enterprise-backup/sources/compare-folders';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changeFiles } from './change-files.ts';

it('modifies, adds, removes and renames what it says, and nothing else', async () => {
  const folder = temporaryDirectoryForTest('changes');
  const before = join(folder, 'before');
  const after = join(folder, 'after');
  mkdirSync(join(before, 'sub'), { recursive: true });
  for (let number = 0; number < 200; number += 1) {
    writeFileSync(join(before, number % 2 === 0 ? '.' : 'sub', `file-${number}`), 'content');
  }
  cpSync(before, after, { recursive: true, preserveTimestamps: true });

  const changes = await changeFiles(after, 'backup-1');
  expect([changes.modified.length, changes.added.length, changes.removed.length, changes.renamed.length]).toEqual([
    6, 3, 2, 2,
  ]);
  const { differences } = await compareFolders(before, after, { differencesKept: 1000 });
  const pathsOf = (what: string): string[] =>
    differences.filter((found) => found.what === what).map(({ path }) => path);
  expect(pathsOf('size').sort()).toEqual([...changes.modified].sort());
  expect(pathsOf('missing').sort()).toEqual([...changes.removed, ...changes.renamed.map(({ from }) => from)].sort());
  expect(pathsOf('extra').sort()).toEqual(['added-by-npm-start', ...changes.renamed.map(({ to }) => to)].sort());
});

it('changes other files in the next round', async () => {
  const folder = temporaryDirectoryForTest('changes');
  for (let number = 0; number < 500; number += 1) writeFileSync(join(folder, `file-${number}`), 'content');
  const first = await changeFiles(folder, 'backup-1');
  const second = await changeFiles(folder, 'backup-2');
  expect(second.modified).not.toEqual(first.modified);
});

it('does what it can in a folder that holds almost nothing', async () => {
  const folder = temporaryDirectoryForTest('changes');
  writeFileSync(join(folder, 'only'), 'content');
  const changes = await changeFiles(folder, 'backup-1');
  expect(changes).toMatchObject({ modified: ['only'], removed: [], renamed: [] });
});
