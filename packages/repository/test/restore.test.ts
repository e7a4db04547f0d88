import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import type { Repository } from '../src/repository.ts';
import { restore } from '../src/restorer/restore.ts';
import { verifyTarget } from '../src/restorer/verify-target.ts';
import { fileNode, newRepository, storeBlobs, storeTree } from './crafted-repository.ts';

describe('a restore', () => {
  let folder: string;
  let source: string;
  let target: string;
  let repository: Repository;

  beforeEach(async () => {
    folder = temporaryDirectoryForTest('restore');
    source = join(folder, 'source');
    target = join(folder, 'target');
    mkdirSync(join(source, 'inner/deep'), { recursive: true });
    writeFileSync(join(source, 'inner/deep/file'), 'content');
    writeFileSync(join(source, 'large'), randomBytes(5_000_000));
    linkSync(join(source, 'large'), join(source, 'inner/large too'));
    repository = await newRepository(folder);
  });

  const protect = async () => (await backup(repository, { source, parent: null })).snapshot_id;
  const restoreAll = async (include: readonly string[] = []) =>
    restore(repository, { snapshot: await protect(), folder: source, target, include });

  it('writes, verifies, and leaves no temporary file', async () => {
    const result = await restoreAll();
    expect(result).toMatchObject({
      files_written: 3,
      files_unchanged: 0,
      files_verified: 3,
      bytes_verified: 5_000_007,
    });
    expect(readFileSync(join(target, 'large'))).toEqual(readFileSync(join(source, 'large')));
    expect(statSync(join(target, 'large')).ino).toBe(statSync(join(target, 'inner/large too')).ino);
    expect(readdirSync(target)).toEqual(['inner', 'large']);
  });

  it('writes nothing in a dry run', async () => {
    const snapshot = await protect();
    const result = await restore(repository, { snapshot, folder: source, target, dryRun: true });
    expect(result).toMatchObject({ dry_run: true, files_total: 3, bytes_total: 5_000_007, files_written: 0 });
    expect(existsSync(target)).toBe(false);
  });

  it('takes only what patterns include, with the folders above', async () => {
    expect(await restoreAll(['inner/deep/'])).toMatchObject({ files_written: 1 });
    expect(readdirSync(target)).toEqual(['inner']);
    expect(readdirSync(join(target, 'inner'))).toEqual(['deep']);
    await expect(restoreAll(['nothing like this'])).rejects.toMatchObject({ code: 'SNAPSHOT_PATH_NOT_FOUND' });
  });

  it('fetches again only what is not right, and trusts no size or time alone', async () => {
    const first = await restoreAll();
    const file = join(target, 'inner/deep/file');
    const { atime, mtime } = statSync(file);
    writeFileSync(file, 'CONTENT');
    utimesSync(file, atime, mtime);
    const second = await restoreAll();
    expect(second).toMatchObject({ files_total: first.files_total, files_unchanged: 1 });
    expect(readFileSync(file, 'utf8')).toBe('content');
  });

  it('replaces a file and leaves others alone', async () => {
    mkdirSync(join(target, 'inner'), { recursive: true });
    writeFileSync(join(target, 'large'), 'older');
    writeFileSync(join(target, 'inner/mine'), 'mine');
    await restoreAll();
    expect(readFileSync(join(target, 'large'))).toEqual(readFileSync(join(source, 'large')));
    expect(readFileSync(join(target, 'inner/mine'), 'utf8')).toBe('mine');
  });

  it.each(['../escaped', 'a/../../escaped', '..', '.', '', 'a\\x00b'])(
    'refuses a tree with the name %j and writes nothing',
    async (name) => {
      const content = await storeBlobs(repository, 'data', [Buffer.from('evil')]);
      const snapshot = await storeTree(repository, [fileNode('good', content, 4), fileNode(name, content, 4)]);
      const attempt = restore(repository, { snapshot, folder: '/', target });
      await expect(attempt).rejects.toMatchObject({ code: 'TREE_HOSTILE' });
      expect(existsSync(target)).toBe(false);
      expect(existsSync(join(folder, 'escaped'))).toBe(false);
    },
  );

  it('does not write through a link that stands in the place of a folder', async () => {
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    mkdirSync(target);
    symlinkSync(outside, join(target, 'inner'));
    await expect(restoreAll()).rejects.toMatchObject({ code: 'TARGET_IS_LINK' });
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(target)).toEqual(['inner']);
  });

  it('does not write through a link that a hostile tree brings along', async () => {
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    const content = await storeBlobs(repository, 'data', [Buffer.from('evil')]);
    const [inner] = await storeBlobs(repository, 'tree', [
      Buffer.from(`${JSON.stringify({ nodes: [fileNode('planted', content, 4)] })}\n`),
    ]);
    const time = '2026-01-01T00:00:00Z';
    const common = { mode: 0o777, mtime: time, atime: time, ctime: time, uid: 0, gid: 0, content: null };
    const snapshot = await storeTree(repository, [
      { ...common, name: 'a', type: 'symlink', linktarget: outside },
      { ...common, name: 'b', type: 'dir', subtree: inner },
    ]);
    await restore(repository, { snapshot, folder: '/', target });
    rmSync(join(target, 'b'), { recursive: true });
    symlinkSync(outside, join(target, 'b'));
    await expect(restore(repository, { snapshot, folder: '/', target })).rejects.toMatchObject({
      code: 'TARGET_IS_LINK',
    });
    expect(readdirSync(outside)).toEqual([]);
  });

  it('replaces a link in the place of a file, and not what it points to', async () => {
    const outside = join(folder, 'outside');
    writeFileSync(outside, 'precious');
    mkdirSync(target);
    symlinkSync(outside, join(target, 'large'));
    await restoreAll();
    expect(lstatSync(join(target, 'large')).isFile()).toBe(true);
    expect(readFileSync(outside, 'utf8')).toBe('precious');
  });

  it.each([
    ['is a file', 'TARGET_NOT_WRITABLE', () => writeFileSync(target, 'x')],
    ['is a link', 'TARGET_IS_LINK', () => symlinkSync(folder, target)],
    [
      'holds a file in the place of a folder',
      'TARGET_NOT_WRITABLE',
      () => (mkdirSync(target), writeFileSync(join(target, 'inner'), 'x')),
    ],
    [
      'holds a folder in the place of a file',
      'TARGET_NOT_WRITABLE',
      () => mkdirSync(join(target, 'large'), { recursive: true }),
    ],
  ])('refuses a target that %s, and changes nothing', async (_what, code, prepare) => {
    prepare();
    const before = execFileSync('ls', ['-lR', folder, '--ignore=repository']).toString();
    const snapshot = await protect();
    await expect(restore(repository, { snapshot, folder: source, target })).rejects.toMatchObject({ code });
    expect(execFileSync('ls', ['-lR', folder, '--ignore=repository']).toString()).toBe(before);
  });

  it('refuses a target whose folder is missing, a relative one and one with ..', async () => {
    const snapshot = await protect();
    const attempt = (path: string) => restore(repository, { snapshot, folder: source, target: path });
    await expect(attempt(join(folder, 'missing/target'))).rejects.toMatchObject({ code: 'TARGET_NOT_WRITABLE' });
    await expect(attempt('target')).rejects.toMatchObject({ code: 'TARGET_PATH_INVALID' });
    await expect(attempt(`${folder}/x/../target`)).rejects.toMatchObject({ code: 'TARGET_PATH_INVALID' });
  });

  it.skipIf(isRoot)('refuses a target without the right to write', async () => {
    mkdirSync(target);
    chmodSync(target, 0o500);
    await expect(restoreAll()).rejects.toMatchObject({ code: 'TARGET_NOT_WRITABLE' });
  });

  it.skipIf(!isRoot)('says when the disk is full, and leaves no half file', async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
    onTestFinished(() => {
      execFileSync('umount', [disk]);
    });
    const snapshot = await protect();
    const attempt = restore(repository, { snapshot, folder: source, target: join(disk, 'target') });
    await expect(attempt).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(existsSync(join(disk, 'target/large'))).toBe(false);
    expect(readdirSync(join(disk, 'target')).filter((name) => name.includes('.part'))).toEqual([]);
  });

  it('restores everything else when a blob is damaged, and names the files that it costs', async () => {
    const good = await storeBlobs(repository, 'data', [Buffer.from('good')]);
    const bad = await storeBlobs(repository, 'data', [Buffer.from('will be damaged')]);
    const snapshot = await storeTree(repository, [fileNode('bad', bad, 15), fileNode('good', good, 4)]);
    for (const name of await repository.listNames('data')) {
      const data = await repository.storage.get('data', name);
      if (data.length !== 15 + 32 + 37 + 36) continue;
      const path = join(repository.storage.location, 'data', name.slice(0, 2), name);
      chmodSync(path, 0o600);
      data[20] = (data[20] as number) ^ 1;
      writeFileSync(path, data);
    }
    const attempt = restore(repository, { snapshot, folder: '/', target });
    await expect(attempt).rejects.toMatchObject({
      code: 'BLOB_DAMAGED',
      message: expect.stringMatching(/^1 of 2 files.*bad: /) as string,
    });
    expect(readdirSync(target)).toEqual(['good']);
  });

  it('takes a damaged blob from another pack that holds it too', async () => {
    const plaintext = Buffer.from('stands in two packs');
    const content = await storeBlobs(repository, 'data', [plaintext]);
    await storeBlobs(repository, 'data', [plaintext]);
    const snapshot = await storeTree(repository, [fileNode('file', content, plaintext.length)]);
    const packs: string[] = [];
    for (const name of await repository.listNames('data')) {
      if ((await repository.storage.get('data', name)).length === plaintext.length + 32 + 37 + 36) packs.push(name);
    }
    expect(packs).toHaveLength(2);
    for (const name of packs) {
      const path = join(repository.storage.location, 'data', name.slice(0, 2), name);
      const data = readFileSync(path);
      const damaged = Buffer.from(data);
      damaged[20] = (damaged[20] as number) ^ 1;
      chmodSync(path, 0o600);
      writeFileSync(path, damaged);
      await restore(repository, { snapshot, folder: '/', target });
      expect(readFileSync(join(target, 'file'))).toEqual(plaintext);
      rmSync(target, { recursive: true });
      writeFileSync(path, data);
    }
  });

  it('that is killed leaves no half file under a final name, and is completed by the next', async () => {
    mkdirSync(join(source, 'many'));
    for (let number = 0; number < 400; number += 1)
      writeFileSync(join(source, 'many', `${number}`), randomBytes(100_000));
    const snapshot = await protect();
    const entry = new URL('./restore-process.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [entry, repository.storage.location, snapshot, source, target], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    for await (const line of child.stdout) if (String(line).includes('writing')) break;
    child.kill('SIGKILL');
    await exited;
    for (const name of existsSync(join(target, 'many')) ? readdirSync(join(target, 'many')) : []) {
      if (!name.startsWith('.')) {
        expect(readFileSync(join(target, 'many', name))).toEqual(readFileSync(join(source, 'many', name)));
      }
    }
    const result = await restore(repository, { snapshot, folder: source, target });
    expect(result.files_written + result.files_unchanged).toBeGreaterThanOrEqual(403);
    expect(readdirSync(join(target, 'many')).sort()).toEqual(readdirSync(join(source, 'many')).sort());
    expect((await verifyTarget(repository, { snapshot, folder: source, target })).mismatch_count).toBe(0);
  });
});

describe('a verification', () => {
  it('finds what is missing and what differs, and writes nothing', async () => {
    const folder = temporaryDirectoryForTest('verify');
    const source = join(folder, 'source');
    const target = join(folder, 'target');
    mkdirSync(join(source, 'inner'), { recursive: true });
    for (const name of ['a', 'b', 'inner/c']) writeFileSync(join(source, name), `content of ${name}`);
    symlinkSync('a', join(source, 'link'));
    const repository = await newRepository(folder);
    const { snapshot_id: snapshot } = await backup(repository, { source, parent: null });
    const options = { snapshot, folder: source, target };
    await restore(repository, options);
    expect(await verifyTarget(repository, options)).toMatchObject({ files_verified: 3, mismatch_count: 0 });
    writeFileSync(join(target, 'a'), 'Content of a');
    rmSync(join(target, 'link'));
    rmSync(join(target, 'inner'), { recursive: true });
    const outcome = await verifyTarget(repository, options);
    expect(outcome.mismatches.map(({ path, code }) => `${path} ${code}`).sort()).toEqual([
      'a CONTENT_DIFFERS',
      'inner MISSING',
      'link MISSING',
    ]);
    expect(outcome).toMatchObject({ files_verified: 1, mismatch_count: 4 });
  });
});
