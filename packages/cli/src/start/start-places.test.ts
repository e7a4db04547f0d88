import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findPlaces } from './start-places.ts';

let folder: string;
let source: string;
let data: string;

beforeEach(() => {
  folder = temporaryDirectoryForTest('places');
  source = join(folder, 'source');
  data = join(folder, 'data');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'content');
});

it('takes the working copy and a folder for recoveries in the data folder when nothing else is said', async () => {
  expect(await findPlaces({ data })).toEqual({
    data,
    source: join(data, 'working-copy'),
    sourceIsOwn: false,
    recovered: join(data, 'recovered'),
    recoveredIsOwn: false,
  });
  expect(existsSync(data)).toBe(false);
});

it('resolves links, so that no other name of a folder hides where it lies', async () => {
  symlinkSync(source, join(folder, 'other-name'));
  expect(await findPlaces({ data, source: join(folder, 'other-name') })).toMatchObject({ source, sourceIsOwn: true });
  await expect(findPlaces({ source, data: join(folder, 'other-name', 'data') })).rejects.toMatchObject({
    code: 'DATA_INSIDE_SOURCE',
  });
});

describe('refuses before anything is written', () => {
  it.each([
    ['a source that does not exist', 'SOURCE_MISSING', () => ({ data, source: join(folder, 'none') })],
    ['a source that is a file', 'SOURCE_MISSING', () => ({ data, source: join(source, 'file') })],
    ['a data folder in the source', 'DATA_INSIDE_SOURCE', () => ({ source, data: join(source, 'data') })],
    ['a source in the data folder', 'DATA_INSIDE_SOURCE', () => ({ source, data: folder })],
    ['a target in the source', 'TARGET_INSIDE_SOURCE', () => ({ data, source, target: join(source, 'target') })],
    ['a source in the target', 'TARGET_INSIDE_SOURCE', () => ({ data, source, target: folder })],
    ['a target that is the working copy', 'TARGET_INSIDE_SOURCE', () => ({ data, target: join(data, 'working-copy') })],
    ['a target in the repository', 'TARGET_INSIDE_REPOSITORY', () => ({ data, target: join(data, 'repository/x') })],
    ['a data folder below a file', 'FILE_NOT_WRITABLE', () => ({ source, data: join(source, 'file/data') })],
    ['a data folder that is a file', 'FILE_NOT_WRITABLE', () => ({ data: join(source, 'file') })],
    ['a target that is a file', 'TARGET_NOT_WRITABLE', () => ({ data, target: join(source, 'file') })],
  ] as const)('%s', async (_what, code, options) => {
    await expect(findPlaces(options())).rejects.toMatchObject({ code });
    expect(existsSync(data)).toBe(false);
  });

  it('an empty source', async () => {
    mkdirSync(join(folder, 'empty'));
    await expect(findPlaces({ data, source: join(folder, 'empty') })).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
  });

  it.skipIf(isRoot)('a data folder where the user may not write, and a source that the user may not read', async () => {
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0o000);
    await expect(findPlaces({ data: join(folder, 'closed') })).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
    await expect(findPlaces({ data, source: join(folder, 'closed') })).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
    });
  });
});
