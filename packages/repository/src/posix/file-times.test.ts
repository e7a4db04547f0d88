import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { setFileTimes } from './file-times.ts';

const timesOf = (path: string): [bigint, bigint] => {
  const { atimeNs, mtimeNs } = lstatSync(path, { bigint: true });
  return [atimeNs, mtimeNs];
};

it.each([
  ['now and then', 1_700_000_000_123_456_789n, 981_173_106_000_000_001n],
  ['the last nanosecond before 1970', -1n, -999_999_999n],
  ['whole seconds before 1970', -1_000_000_000n, -86_400_000_000_000n],
  ['far before 1970', -2_000_000_000_123_456_789n, -1_500_000_000_999_999_999n],
  ['after 2038', 4_102_444_800_987_654_321n, 9_000_000_000_000_000_001n],
])('sets both times exactly: %s', (_what, atimeNs, mtimeNs) => {
  const path = join(temporaryDirectoryForTest('times'), 'file');
  writeFileSync(path, '');
  setFileTimes(Buffer.from(path), atimeNs, mtimeNs);
  expect(timesOf(path)).toEqual([atimeNs, mtimeNs]);
});

it('sets the times of a folder, and of a link without touching what it points to', () => {
  const folder = temporaryDirectoryForTest('times');
  const [real, link] = [join(folder, 'real'), join(folder, 'link')];
  mkdirSync(real);
  symlinkSync('real', link);
  setFileTimes(Buffer.from(real), 1n, 2n);
  setFileTimes(Buffer.from(link), 3n, 4n);
  expect(timesOf(real)).toEqual([1n, 2n]);
  expect(timesOf(link)).toEqual([3n, 4n]);
});

it('takes a name that is not UTF-8', () => {
  const path = Buffer.concat([Buffer.from(`${temporaryDirectoryForTest('times')}/`), Buffer.from([0xff, 0xfe])]);
  writeFileSync(path, '');
  setFileTimes(path, 0n, 5n);
  expect(lstatSync(path, { bigint: true }).mtimeNs).toBe(5n);
});

it('throws the code of the failure', () => {
  expect(() => {
    setFileTimes(Buffer.from('/nowhere/file'), 0n, 0n);
  }).toThrow(expect.objectContaining({ code: 'ENOENT', syscall: 'utimensat' }));
});
