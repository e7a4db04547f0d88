import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { beforeEach, describe, expect, it } from 'vitest';
import { openSource } from './open-source.ts';
import type { CheckedSource } from './source.ts';

let folder: string;
let source: string;

beforeEach(() => {
  folder = temporaryDirectoryForTest('source');
  source = join(folder, 'source');
  mkdirSync(join(source, 'sub'), { recursive: true });
});

const check = (path: string, repository = join(folder, 'repository')): Promise<CheckedSource> =>
  openSource({ kind: 'filesystem', path, excludes: [], allow_empty: false }).check(repository);

describe('accepts', () => {
  it('a folder', async () => {
    expect(await check(source)).toEqual({ folder: source });
  });

  it('a link to a folder, and gives the folder', async () => {
    symlinkSync('source', join(folder, 'link'));
    expect(await check(join(folder, 'link'))).toEqual({ folder: source });
  });

  it('a repository beside the source whose name starts alike, and one in S3', async () => {
    expect(await check(source, `${source}-repository`)).toEqual({ folder: source });
    expect(await check(source, 's3:https://host/bucket/prefix')).toEqual({ folder: source });
  });
});

describe('refuses', () => {
  it.each(['relative', '', '/a/../b', '/a//b', '/a/', '/a\0b'])('the path %j', async (path) => {
    await expect(check(path)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('what is missing, also below a file, and a dangling link', async () => {
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('nowhere', join(folder, 'dangling'));
    for (const name of ['missing', 'file/below', 'dangling', 'file']) {
      await expect(check(join(folder, name)), name).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
    }
  });

  it('links that lead in a circle', async () => {
    symlinkSync('circle', join(folder, 'circle'));
    await expect(check(join(folder, 'circle'))).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });

  it.skipIf(isRoot)('a folder that this user may not read', async () => {
    chmodSync(source, 0o300);
    await expect(check(source)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });

  it('a repository inside the source, also one that is not there yet and one behind a link', async () => {
    symlinkSync('source/sub', join(folder, 'link'));
    for (const repository of [source, join(source, 'sub'), join(source, 'not/yet'), join(folder, 'link/repository')]) {
      await expect(check(source, repository), repository).rejects.toMatchObject({ code: 'REPOSITORY_INSIDE_SOURCE' });
    }
  });

  it('a source inside the repository', async () => {
    await expect(check(join(source, 'sub'), source)).rejects.toMatchObject({ code: 'REPOSITORY_INSIDE_SOURCE' });
  });
});
