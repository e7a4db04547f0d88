import type { Difference } from '@enterprise-backup/sources/compare-folders';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { explainDifferences } from './explain-differences.ts';

const different = (path: string, what: Difference['what'] = 'content'): Difference => ({
  path,
  what,
  expected: 'a',
  actual: 'b',
});

it('tells a changed source and what the backup left out from a fault', async () => {
  const path = temporaryDirectoryForTest('explain');
  mkdirSync(join(path, 'left-out'));
  for (const name of ['file', 'left-out/file']) writeFileSync(join(path, name), 'content');
  const changedAt = statSync(join(path, 'file')).ctime;
  const skipped = [{ path: join(path, 'left-out'), code: 'SOURCE_UNREADABLE', message: 'permission denied' }];
  const differences = [different('file'), different('left-out/file', 'missing')];

  const before = new Date(changedAt.getTime() - 1000);
  const after = new Date(changedAt.getTime() + 60_000);
  expect(await explainDifferences(differences, { path, backupStartedAt: before, skipped })).toEqual({
    unexplained: [],
    changedSince: [differences[0]],
    leftOut: [differences[1]],
  });
  expect(await explainDifferences(differences, { path, backupStartedAt: after, skipped })).toEqual({
    unexplained: [differences[0]],
    changedSince: [],
    leftOut: [differences[1]],
  });
});

it('a file that is gone by now was removed after the backup only if its folder was changed since', async () => {
  const path = temporaryDirectoryForTest('explain');
  const after = new Date(statSync(path).ctime.getTime() + 60_000);
  const extra = [different('gone', 'extra')];
  const source = { path, skipped: [] };
  expect((await explainDifferences(extra, { ...source, backupStartedAt: after })).unexplained).toEqual(extra);
  expect((await explainDifferences(extra, { ...source, backupStartedAt: new Date(0) })).changedSince).toEqual(extra);
});
