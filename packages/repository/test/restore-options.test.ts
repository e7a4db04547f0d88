import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import type { Repository } from '../src/repository.ts';
import type { RestoreOptions } from '../src/restorer/open-plan.ts';
import { restore } from '../src/restorer/restore.ts';
import { temporaryName } from '../src/restorer/temporary-name.ts';
import { newRepository } from './crafted-repository.ts';

const MiB = 1024 * 1024;

describe('a restore', () => {
  let folder: string;
  let source: string;
  let target: string;
  let repository: Repository;

  beforeEach(async () => {
    folder = temporaryDirectoryForTest('restore-options');
    source = join(folder, 'source');
    target = join(folder, 'target');
    mkdirSync(source);
    repository = await newRepository(folder);
  });

  const protect = async () => (await backup(repository, { source, parent: null })).snapshot_id;
  const run = async (snapshot: SnapshotId, options: Partial<RestoreOptions> = {}) =>
    restore(repository, { snapshot, folder: source, target, ...options });
  const put = (path: string, content: string | Buffer, seconds?: number): void => {
    writeFileSync(path, content);
    if (seconds !== undefined) utimesSync(path, seconds, seconds);
  };
  const read = (name: string): Buffer => readFileSync(join(target, name));
  const partsIn = (path: string): string[] => readdirSync(path).filter((name) => name.endsWith('.part'));

  it('leaves out what patterns exclude, also of what others include', async () => {
    mkdirSync(join(source, 'logs/deep'), { recursive: true });
    mkdirSync(join(source, 'cache'));
    for (const name of ['a.txt', 'b.tmp', 'logs/c.log', 'logs/deep/d.log', 'cache/e']) put(join(source, name), name);
    const snapshot = await protect();
    const listed = (): string[] => (readdirSync(target, { recursive: true }) as string[]).sort();
    await run(snapshot, { exclude: ['*.tmp', '/cache/', 'deep/'] });
    expect(listed()).toEqual(['a.txt', 'logs', 'logs/c.log']);
    rmSync(target, { recursive: true });
    await run(snapshot, { include: ['*.log'], exclude: ['deep'] });
    expect(listed()).toEqual(['logs', 'logs/c.log']);
    rmSync(target, { recursive: true });
    await expect(run(snapshot, { include: ['cache'], exclude: ['cache'] })).rejects.toMatchObject({
      code: 'SNAPSHOT_PATH_NOT_FOUND',
    });
  });

  describe('overwrites', () => {
    const time = 1_700_000_000;
    let snapshot: SnapshotId;

    beforeEach(async () => {
      for (const name of ['equal', 'older', 'newer', 'absent']) put(join(source, name), `right ${name}`, time);
      symlinkSync('right', join(source, 'link'));
      snapshot = await protect();
      mkdirSync(target);
      put(join(target, 'equal'), 'right equal', time + 5);
      put(join(target, 'older'), 'wrong older', time - 5);
      put(join(target, 'newer'), 'wrong newer', time + 5);
      symlinkSync('wrong', join(target, 'link'));
    });

    it.each([
      ['always', { older: 'right older', newer: 'right newer', link: 'right' }, [4, 0, 0]],
      ['if-changed', { older: 'right older', newer: 'right newer', link: 'right' }, [3, 1, 0]],
      ['if-newer', { older: 'right older', newer: 'wrong newer', link: 'wrong' }, [2, 0, 2]],
      ['never', { older: 'wrong older', newer: 'wrong newer', link: 'wrong' }, [1, 0, 3]],
    ] as const)('%s', async (overwrite, expected, [written, unchanged, kept]) => {
      // The link in the target was made after the one in the source.
      const before = statSync(join(target, 'equal'));
      const result = await run(snapshot, { overwrite });
      expect(result).toMatchObject({
        files_total: 4,
        files_written: written,
        files_unchanged: unchanged,
        files_kept: kept,
        files_verified: 4 - kept,
      });
      const content = (name: string) => read(name).toString();
      expect({ older: content('older'), newer: content('newer') }).toEqual({
        older: expected.older,
        newer: expected.newer,
      });
      expect(execFileSync('readlink', [join(target, 'link')], { encoding: 'utf8' }).trim()).toBe(expected.link);
      expect(content('absent')).toBe('right absent');
      expect(statSync(join(target, 'equal')).ino === before.ino).toBe(overwrite !== 'always');
      expect(statSync(join(target, 'equal')).mtimeMs / 1000).toBe(kept > 0 ? time + 5 : time);
    });

    it('and counts in a dry run what it would really write and fetch', async () => {
      for (const overwrite of ['always', 'if-changed', 'if-newer', 'never'] as const) {
        const dry = await run(snapshot, { overwrite, dryRun: true });
        const copy = join(folder, `copy-${overwrite}`);
        execFileSync('cp', ['-a', target, copy]);
        const real = await run(snapshot, { overwrite, target: copy });
        expect(dry).toMatchObject({ files_written: 0, bytes_written: 0, files_verified: 0 });
        const plan = ({ files_to_write, bytes_to_write, bytes_fetched, files_unchanged, files_kept }: typeof dry) => [
          files_to_write,
          bytes_to_write,
          bytes_fetched,
          files_unchanged,
          files_kept,
        ];
        expect(plan(dry)).toEqual(plan(real));
        expect(real.files_written).toBe(real.files_to_write);
        expect(real.bytes_fetched).toBeGreaterThan(0);
      }
      expect(read('older').toString()).toBe('wrong older');
      expect(partsIn(target)).toEqual([]);
    });
  });

  it('links no name to a file that it kept', async () => {
    put(join(source, 'a'), 'right');
    for (const name of ['b', 'c']) linkSync(join(source, 'a'), join(source, name));
    const snapshot = await protect();
    mkdirSync(target);
    put(join(target, 'a'), 'mine');
    const result = await run(snapshot, { overwrite: 'never' });
    expect(result).toMatchObject({
      files_total: 3,
      files_written: 2,
      files_kept: 1,
      files_verified: 2,
      bytes_verified: 5,
    });
    expect(['a', 'b', 'c'].map((name) => read(name).toString())).toEqual(['mine', 'right', 'right']);
    expect(statSync(join(target, 'b')).ino).toBe(statSync(join(target, 'c')).ino);
  });

  describe.each([false, true])('of a file that differs in places (in place: %s)', (inPlace) => {
    const large = randomBytes(10 * MiB);
    let snapshot: SnapshotId;
    const file = () => join(target, 'large');
    const change = (at: number, bytes: Buffer): void => {
      const descriptor = openSync(file(), 'r+');
      writeSync(descriptor, bytes, 0, bytes.length, at);
      closeSync(descriptor);
    };

    beforeEach(async () => {
      large.fill(0, 3 * MiB, 7 * MiB);
      put(join(source, 'large'), large);
      snapshot = await protect();
      await run(snapshot);
    });

    it.each([
      ['a byte in the data', () => change(9 * MiB, Buffer.from([(large[9 * MiB] ?? 0) ^ 1]))],
      ['bytes where zeros belong', () => change(5 * MiB, Buffer.alloc(100, 0xff))],
      ['bytes behind the end', () => change(10 * MiB, Buffer.alloc(100, 0xff))],
      ['a missing end', () => truncateSync(file(), 10 * MiB - 5)],
    ])('fetches and writes no more than the blobs that differ: %s', async (_what, damage) => {
      damage();
      const before = statSync(file()).ino;
      const result = await run(snapshot, { inPlace });
      expect(read('large').equals(large)).toBe(true);
      // A chunk is 8 MiB at most, and about 1 MiB.
      expect(result.bytes_written).toBeLessThan(6 * MiB);
      expect(result.bytes_fetched).toBeLessThan(6 * MiB);
      expect(result).toMatchObject({ files_written: 1, files_verified: 1 });
      expect(statSync(file()).ino === before).toBe(inPlace);
      expect(statSync(file()).mtimeMs).toBe(statSync(join(source, 'large')).mtimeMs);
      expect(partsIn(target)).toEqual([]);
    });

    it('keeps zeros as holes', async () => {
      change(5 * MiB, Buffer.alloc(100, 0xff));
      await run(snapshot, { inPlace });
      expect(statSync(file()).blocks * 512).toBeLessThan(8 * MiB);
    });

    it('writes nothing under a further name of the file', async () => {
      const other = join(folder, 'other');
      change(9 * MiB, Buffer.from('changed'));
      const changed = readFileSync(file());
      linkSync(file(), other);
      await run(snapshot, { inPlace });
      expect(read('large').equals(large)).toBe(true);
      expect(readFileSync(other).equals(changed)).toBe(true);
    });

    it.skipIf(isRoot)('takes the place of a file that may not be written to', async () => {
      change(9 * MiB, Buffer.from('changed'));
      chmodSync(file(), 0o400);
      await run(snapshot, { inPlace });
      expect(read('large').equals(large)).toBe(true);
    });
  });

  describe('that was killed in the middle of a large file', () => {
    const large = randomBytes(24 * MiB);
    const killed = async (): Promise<{ readonly snapshot: SnapshotId; readonly part: string }> => {
      put(join(source, 'large'), large);
      const snapshot = await protect();
      const part = join(target, temporaryName(snapshot, Buffer.from('large')).toString());
      const entry = new URL('./slow-restore-process.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, [entry, repository.storage.location, snapshot, source, target], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const exited = once(child, 'exit');
      while (!existsSync(part) || statSync(part).blocks * 512 < 8 * MiB) {
        expect(child.exitCode).toBeNull();
        await delay(20);
      }
      child.kill('SIGKILL');
      await exited;
      expect(readdirSync(target)).toEqual([part.slice(target.length + 1)]);
      return { snapshot, part };
    };

    it('goes on with what is right, and fetches only the rest', async () => {
      const { snapshot, part } = await killed();
      const there = statSync(part).blocks * 512;
      const dry = await run(snapshot, { dryRun: true });
      expect(existsSync(part)).toBe(true);
      const result = await run(snapshot);
      expect(read('large').equals(large)).toBe(true);
      // The blobs that were being written in the end may be there in part.
      expect(result.bytes_written).toBeLessThanOrEqual(24 * MiB - there + 16 * MiB);
      expect(result.bytes_written).toBeLessThan(20 * MiB);
      expect(dry.bytes_to_write).toBe(result.bytes_written);
      expect(dry.bytes_fetched).toBe(result.bytes_fetched);
      expect(readdirSync(target)).toEqual(['large']);
    });

    it('trusts none of it without comparing', async () => {
      const { snapshot, part } = await killed();
      const descriptor = openSync(part, 'r+');
      ftruncateSync(descriptor, 30 * MiB);
      for (let at = 0; at < 30 * MiB; at += 400_000) writeSync(descriptor, Buffer.from('planted'), 0, 7, at);
      closeSync(descriptor);
      await run(snapshot);
      expect(read('large').equals(large)).toBe(true);
      expect(readdirSync(target)).toEqual(['large']);
    });

    it('leaves nothing behind for the restore of another point', async () => {
      const { part } = await killed();
      put(join(source, 'large'), 'small now');
      await run(await protect());
      expect(read('large').toString()).toBe('small now');
      expect(existsSync(part)).toBe(false);
    });
  });

  describe('finds something planted under the name of a temporary file', () => {
    let snapshot: SnapshotId;
    let outside: string;
    let part: string;

    beforeEach(async () => {
      put(join(source, 'file'), 'content of the point');
      snapshot = await protect();
      mkdirSync(target);
      outside = join(folder, 'outside');
      put(outside, 'precious');
      part = join(target, temporaryName(snapshot, Buffer.from('file')).toString());
    });

    const plants: readonly (readonly [string, () => void])[] = [
      ['a link', () => symlinkSync(outside, part)],
      ['a further name of a file', () => linkSync(outside, part)],
      [
        'a file that others may write to',
        () => {
          put(part, 'planted');
          chmodSync(part, 0o666);
        },
      ],
      [
        'a file with other rights',
        () => {
          put(part, 'planted');
          chmodSync(part, 0o4600);
        },
      ],
      ['a fifo', () => execFileSync('mkfifo', [part])],
    ];

    it.each(plants)('%s: it is removed, and nothing is written to it', async (_what, plant) => {
      plant();
      // Open, so that no new file gets its inode.
      const planted = openSync(part, constants.O_RDWR | constants.O_NONBLOCK);
      onTestFinished(() => {
        closeSync(planted);
      });
      const { ino, size } = fstatSync(planted);
      await run(snapshot);
      expect(readFileSync(outside, 'utf8')).toBe('precious');
      expect(fstatSync(planted).size).toBe(size);
      expect(read('file').toString()).toBe('content of the point');
      expect(readdirSync(target)).toEqual(['file']);
      expect(statSync(join(target, 'file')).ino).not.toBe(ino);
    });

    it.skipIf(!isRoot)('a file of somebody else: it is removed, and nothing is written to it', async () => {
      put(part, 'planted');
      chmodSync(part, 0o600);
      chownSync(part, 12_345, 12_345);
      const open = openSync(part, 'r');
      onTestFinished(() => {
        closeSync(open);
      });
      await run(snapshot);
      expect(readFileSync(`/proc/self/fd/${open}`, 'utf8')).toBe('planted');
      expect(read('file').toString()).toBe('content of the point');
    });

    it('an own file with right parts is gone on with', async () => {
      put(part, 'content of the point and more');
      chmodSync(part, 0o600);
      const { ino } = statSync(part);
      const result = await run(snapshot);
      expect(result).toMatchObject({ bytes_fetched: 0, files_written: 1 });
      expect(statSync(join(target, 'file')).ino).toBe(ino);
      expect(read('file').toString()).toBe('content of the point');
    });
  });

  it('goes on in the same way when an earlier one was renamed halfway', async () => {
    for (const name of ['a', 'b']) put(join(source, name), randomBytes(MiB));
    const snapshot = await protect();
    await run(snapshot);
    const part = join(target, temporaryName(snapshot, Buffer.from('b')).toString());
    renameSync(join(target, 'b'), part);
    chmodSync(part, 0o600);
    expect(await run(snapshot)).toMatchObject({ files_unchanged: 1, files_written: 1, bytes_fetched: 0 });
    expect(readdirSync(target)).toEqual(['a', 'b']);
  });

  it.skipIf(!isRoot)('is on the disk when it returns', async () => {
    const marker = randomBytes(64 * 1024);
    put(join(source, 'file'), marker);
    const snapshot = await protect();
    const image = join(folder, 'image');
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('truncate', ['-s', '32M', image]);
    execFileSync('mkfs.ext4', ['-q', image]);
    execFileSync('mount', ['-o', 'loop', image, disk]);
    onTestFinished(() => {
      execFileSync('umount', [disk]);
    });
    await run(snapshot, { target: join(disk, 'target') });
    // What the file system has in memory alone does not stand in the file that it is kept in.
    expect(readFileSync(image).includes(marker.subarray(0, 4096))).toBe(true);
  });
});
