import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { zipFolder } from './zip-folder.ts';

it('gives the same bytes for the same files, whatever their times', () => {
  const folder = temporaryDirectoryForTest('zip-folder');
  mkdirSync(join(folder, 'deep'));
  writeFileSync(join(folder, 'deep/b.mjs'), 'export const b = 1;\n');
  writeFileSync(join(folder, 'a.json'), '{}');
  const first = zipFolder(folder);
  utimesSync(join(folder, 'a.json'), 1, 1);
  expect(zipFolder(folder).equals(first)).toBe(true);
  const files = unzipSync(first);
  expect(Object.keys(files)).toEqual(['a.json', 'deep/b.mjs']);
  expect(Buffer.from(files['deep/b.mjs'] ?? []).toString()).toBe('export const b = 1;\n');
});
