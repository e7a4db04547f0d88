import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import type { Repository } from '../src/repository.ts';
import { applyExtra } from '../src/restorer/apply-extra.ts';
import { planExtra } from '../src/restorer/extra-plan.ts';
import type { RestoreOptions } from '../src/restorer/open-plan.ts';
import { openFile } from '../src/restorer/read-file.ts';
import { restore } from '../src/restorer/restore.ts';
import { newRepository } from './crafted-repository.ts';

let folder: string;
let source: string;
let target: string;
let repository: Repository;
let snapshot: SnapshotId;

beforeEach(async () => {
  folder = temporaryDirectoryForTest('restore-extra');
  source = join(folder, 'source');
  target = join(folder, 'target');
  mkdirSync(join(source, 'inner'), { recursive: true });
  for (const name of ['a', 'b.log', 'inner/c']) writeFileSync(join(source, name), `content of ${name}`);
  writeFileSync(join(source, 'large'), randomBytes(5_000_000));
  repository = await newRepository(folder);
  snapshot = (await backup(repository, { source, parent: null })).snapshot_id;
});

describe('what stands in a target and not in the point', () => {
  const options = (changes: Partial<RestoreOptions> = {}): RestoreOptions => ({
    snapshot,
    folder: source,
    target,
    ...changes,
  });
  const plan = async (changes: Partial<RestoreOptions> = {}) => planExtra(repository, options(changes));
  const pathsOf = ({ entries }: Awaited<ReturnType<typeof plan>>): string[] => entries.map(({ path }) => path);

  beforeEach(async () => {
    await restore(repository, options());
    mkdirSync(join(target, 'extra/deep'), { recursive: true });
    for (const name of ['x', 'y.log', 'extra/deep/z', 'inner/w.log']) writeFileSync(join(target, name), 'extra');
  });

  it('is listed before anything is deleted, and then deleted, with nothing else', async () => {
    const planned = await plan();
    expect(pathsOf(planned)).toEqual(['extra/deep/z', 'extra/deep', 'extra', 'inner/w.log', 'x', 'y.log']);
    expect(planned.bytes).toBe(20);
    expect(existsSync(join(target, 'extra/deep/z'))).toBe(true);
    expect(await applyExtra(planned)).toMatchObject({ deleted: 6, bytes: 20, left: { count: 0 } });
    expect((readdirSync(target, { recursive: true }) as string[]).sort()).toEqual([
      'a',
      'b.log',
      'inner',
      'inner/c',
      'large',
    ]);
    expect(pathsOf(await plan())).toEqual([]);
    expect(await applyExtra(planned)).toMatchObject({ left: { count: 0 } });
  });

  it('is only meant within the patterns', async () => {
    expect(pathsOf(await plan({ include: ['*.log'] }))).toEqual(['inner/w.log', 'y.log']);
    expect(pathsOf(await plan({ exclude: ['*.log'] }))).toEqual(['extra/deep/z', 'extra/deep', 'extra', 'x']);
    const kept = await plan({ exclude: ['z'] });
    expect(pathsOf(kept)).toEqual(['inner/w.log', 'x', 'y.log']);
    expect(kept.left.kept.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'extra/deep NOT_EMPTY',
      'extra NOT_EMPTY',
    ]);
  });

  it('is a link and not what the link leads to', async () => {
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'precious'), 'precious');
    symlinkSync(outside, join(target, 'extra/link'));
    symlinkSync(outside, join(target, 'link'));
    await applyExtra(await plan());
    expect(readdirSync(target)).toEqual(['a', 'b.log', 'inner', 'large']);
    expect(readdirSync(outside)).toEqual(['precious']);
  });

  it('is not deleted through a link that takes the place of a folder after the plan', async () => {
    const outside = join(folder, 'outside');
    mkdirSync(join(outside, 'deep'), { recursive: true });
    linkSync(join(target, 'extra/deep/z'), join(outside, 'deep/z'));
    const planned = await plan();
    renameSync(join(target, 'extra'), join(folder, 'moved'));
    symlinkSync(outside, join(target, 'extra'));
    await expect(applyExtra(planned)).rejects.toMatchObject({ code: 'TARGET_IS_LINK' });
    expect(readdirSync(join(outside, 'deep'))).toEqual(['z']);
  });

  it('stays when it is another one by the time of the deletion, or has got something new', async () => {
    const planned = await plan();
    writeFileSync(join(target, 'new'), 'new');
    renameSync(join(target, 'new'), join(target, 'x'));
    writeFileSync(join(target, 'extra/new'), 'new');
    const outcome = await applyExtra(planned);
    expect(outcome.left.kept.map(({ path }) => path)).toEqual(['extra', 'x']);
    expect(readFileSync(join(target, 'x'), 'utf8')).toBe('new');
    expect(readdirSync(join(target, 'extra'))).toEqual(['new']);
  });

  it('is nothing in a target that does not exist', async () => {
    rmSync(target, { recursive: true });
    expect(await plan()).toMatchObject({ entries: [], bytes: 0 });
  });

  it.skipIf(!isRoot)('is not looked for on another file system', async () => {
    const mounted = join(target, 'mounted');
    mkdirSync(mounted);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', mounted]);
    onTestFinished(() => {
      execFileSync('umount', [mounted]);
    });
    writeFileSync(join(mounted, 'precious'), 'precious');
    const planned = await plan();
    expect(planned.left.kept).toMatchObject([{ path: 'mounted', code: 'OTHER_FILE_SYSTEM' }]);
    await applyExtra(planned);
    expect(readdirSync(mounted)).toEqual(['precious']);
  });
});

describe('a single file', () => {
  const readAll = async (path: string): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for await (const part of (await openFile(repository, snapshot, path)).content) parts.push(part);
    return Buffer.concat(parts);
  };

  it('is read without a target', async () => {
    expect((await readAll(join(source, 'large'))).equals(readFileSync(join(source, 'large')))).toBe(true);
    expect((await readAll(join(source, 'inner/c'))).toString()).toBe('content of inner/c');
    expect((await openFile(repository, snapshot, join(source, 'large'))).size).toBe(5_000_000);
  });

  it.each(['/nothing', '/', ''])('is not found at %j, nor at a folder', async (path) => {
    for (const wrong of [path, join(source, 'inner'), `${source}/a/b`]) {
      await expect(openFile(repository, snapshot, wrong)).rejects.toMatchObject({ code: 'SNAPSHOT_PATH_NOT_FOUND' });
    }
  });

  it('ends with an error where its content is damaged, and never with wrong bytes', async () => {
    const original = readFileSync(join(source, 'large'));
    for (const name of await repository.listNames('data')) {
      const path = join(repository.storage.location, 'data', name.slice(0, 2), name);
      const data = readFileSync(path);
      if (data.length < 1_000_000) continue;
      data[3_000_000] = (data[3_000_000] ?? 0) ^ 1;
      chmodSync(path, 0o600);
      writeFileSync(path, data);
    }
    const parts: Buffer[] = [];
    const reading = (async () => {
      for await (const part of (await openFile(repository, snapshot, join(source, 'large'))).content) parts.push(part);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'BLOB_DAMAGED' });
    const read = Buffer.concat(parts);
    expect(read.equals(original.subarray(0, read.length))).toBe(true);
  });
});
