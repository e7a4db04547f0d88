import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { beforeEach, describe, expect, it } from 'vitest';
import { openTarget } from './open-target.ts';
import type { CheckedTarget, TargetSurroundings } from './target.ts';

let folder: string;
let source: string;
let repository: string;

beforeEach(() => {
  folder = temporaryDirectoryForTest('target');
  source = join(folder, 'source');
  repository = join(folder, 'repository');
  mkdirSync(join(source, 'sub'), { recursive: true });
  mkdirSync(repository);
});

const check = (path: string, surroundings: Partial<TargetSurroundings> = {}): Promise<CheckedTarget> =>
  openTarget({ kind: 'filesystem', path }).check({
    sourceFolder: source,
    repositoryLocation: repository,
    resuming: false,
    ...surroundings,
  });

describe('accepts', () => {
  it('a folder that is missing in one that is there, and creates nothing', async () => {
    const target = join(folder, 'target');
    expect(await check(target)).toEqual({ folder: target, exists: false });
    expect(existsSync(target)).toBe(false);
  });

  it('a folder that is there, behind a link on the way', async () => {
    mkdirSync(join(folder, 'real/target'), { recursive: true });
    symlinkSync('real', join(folder, 'link'));
    expect(await check(join(folder, 'link/target'))).toEqual({ folder: join(folder, 'real/target'), exists: true });
    expect(await check(join(folder, 'link/new'))).toEqual({ folder: join(folder, 'real/new'), exists: false });
  });

  it('a name that starts like the source, and a source that is not on this machine', async () => {
    expect(await check(`${source}-recovered`)).toMatchObject({ exists: false });
    const sourceFolder = join(folder, 'elsewhere');
    expect(await check(join(folder, 'elsewhere'), { sourceFolder })).toMatchObject({ exists: false });
    await expect(check(join(folder, 'elsewhere/sub'), { sourceFolder })).rejects.toMatchObject({
      code: 'TARGET_NOT_WRITABLE',
    });
  });

  it('the place of the source itself when nothing is left in it, or when the recovery goes on', async () => {
    mkdirSync(join(folder, 'lost'));
    expect(await check(join(folder, 'lost'), { sourceFolder: join(folder, 'lost') })).toMatchObject({ exists: true });
    expect(await check(source, { resuming: true })).toMatchObject({ exists: true });
  });
});

describe('refuses', () => {
  it.each(['relative', '', '/a/../b', '/a//b', '/a/', '/a\0b', '/..'])('the path %j', async (path) => {
    await expect(check(path)).rejects.toMatchObject({ code: 'TARGET_PATH_INVALID' });
  });

  it('a link, also a dangling one', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'link'));
    symlinkSync('nowhere', join(folder, 'dangling'));
    for (const name of ['link', 'dangling']) {
      await expect(check(join(folder, name)), name).rejects.toMatchObject({ code: 'TARGET_IS_LINK' });
    }
  });

  it('a file, a place below a file, and one whose parent is missing', async () => {
    writeFileSync(join(folder, 'file'), '');
    for (const name of ['file', 'file/below', 'missing/below']) {
      await expect(check(join(folder, name)), name).rejects.toMatchObject({ code: 'TARGET_NOT_WRITABLE' });
    }
  });

  it.skipIf(isRoot)('a folder that this user may not write to', async () => {
    mkdirSync(join(folder, 'closed'), { mode: 0o500 });
    for (const name of ['closed', 'closed/below']) {
      await expect(check(join(folder, name)), name).rejects.toMatchObject({ code: 'TARGET_NOT_WRITABLE' });
    }
    chmodSync(join(folder, 'closed'), 0o700);
  });

  it('the source while something is in it, a place inside it, and one around it, also behind links', async () => {
    symlinkSync('source', join(folder, 'link'));
    for (const target of [source, join(source, 'sub'), join(source, 'new'), join(folder, 'link/new'), folder]) {
      await expect(check(target), target).rejects.toMatchObject({ code: 'TARGET_INSIDE_SOURCE' });
    }
    await expect(check(join(source, 'new'), { sourceFolder: join(folder, 'link') })).rejects.toMatchObject({
      code: 'TARGET_INSIDE_SOURCE',
    });
    await expect(check(join(source, 'new'), { resuming: true })).rejects.toMatchObject({
      code: 'TARGET_INSIDE_SOURCE',
    });
  });

  it('the repository and a place inside it', async () => {
    for (const target of [repository, join(repository, 'new')]) {
      await expect(check(target), target).rejects.toMatchObject({ code: 'TARGET_INSIDE_REPOSITORY' });
    }
  });
});
