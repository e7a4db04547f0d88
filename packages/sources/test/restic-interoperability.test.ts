import { execFileSync } from 'node:child_process';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { backup } from '@enterprise-backup/repository/backup';
import { check } from '@enterprise-backup/repository/check';
import { openStorage } from '@enterprise-backup/repository/open-storage';
import { openRepository } from '@enterprise-backup/repository/open-repository';
import { initRepository, type Repository } from '@enterprise-backup/repository/repository';
import { restore } from '@enterprise-backup/repository/restore';
import { findSnapshot, listSnapshots, type SnapshotEntry } from '@enterprise-backup/repository/snapshots';
import { makeOddTree } from '@enterprise-backup/test-support/odd-tree';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareFolders, type Difference } from '../src/compare-folders.ts';

const password = 'correct horse battery staple';

/**
 * What restic 0.14 does not bring back, found by restoring its own backups with it: it keeps no raw link targets (newer
 * versions read the field `linktarget_raw` that ours writes), takes no attributes from links and sets those of a link on
 * what it points to, and has times beyond 2262 wrap around.
 */
const limitsOfRestic = new Set([
  'links/not-utf8: link_target',
  'attributes/link: attribute',
  'attributes/file: attribute',
  'times/far-future: modification_time',
]);
const isRestics = ({ path, what }: Difference): boolean => limitsOfRestic.has(`${path}: ${what}`);

describe.skipIf(!hasTool('restic'))('with stock restic', () => {
  const folder = temporaryDirectory('restic-interoperability');
  const source = join(folder.path, 'source');
  const passwordFile = join(folder.path, 'password');
  afterAll(() => {
    folder.remove();
  });

  const restic = (repository: string, ...args: string[]): string =>
    execFileSync('restic', ['--repo', repository, '--password-file', passwordFile, '--no-cache', ...args], {
      encoding: 'utf8',
      // restic writes times in the zone of the machine, and the id of a tree depends on it.
      env: { ...process.env, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const open = (path: string): Promise<Repository> => openRepository(openStorage(path), password, systemClock);
  const differences = async (actual: string): Promise<readonly Difference[]> =>
    (await compareFolders(source, actual)).differences;

  beforeAll(async () => {
    writeFileSync(passwordFile, `${password}\n`);
    await makeOddTree(source);
  });

  describe('a repository that we made', () => {
    const path = join(folder.path, 'ours');
    let repository: Repository;
    let first: SnapshotEntry;

    beforeAll(async () => {
      repository = await initRepository(openStorage(path), password, systemClock);
      const result = await backup(repository, { source, parent: null, tags: ['job:backup-1', 'type:full'] });
      expect(result.skipped.map(({ code }) => code)).toEqual(result.skipped.map(() => 'SOCKET_SKIPPED'));
      first = await findSnapshot(repository, result.snapshot_id);
    });

    it('passes its check of all data, and ours', async () => {
      expect(restic(path, 'check', '--read-data')).toContain('no errors were found');
      expect((await check(repository, { readData: true })).findings).toEqual([]);
    });

    it('is restored by it to an identical tree', async () => {
      const target = join(folder.path, 'restored-by-restic');
      restic(path, 'restore', first.id, '--target', target);
      expect((await differences(join(target, source))).filter((difference) => !isRestics(difference))).toEqual([]);
    });

    it('takes a point from it, which we restore', async () => {
      restic(path, 'backup', '--force', '--host', 'third', '--compression', 'max', source);
      const { id } = await findSnapshot(repository, 'latest');
      const target = join(folder.path, 'point-of-restic');
      await restore(repository, { snapshot: id, folder: source, target });
      expect((await differences(target)).filter((difference) => !isRestics(difference))).toEqual([]);
    });

    it('is restored by us to an identical tree', async () => {
      const target = join(folder.path, 'restored-by-us');
      const result = await restore(repository, { snapshot: first.id, folder: source, target });
      expect(result).toMatchObject({
        skipped_count: 0,
        files_verified: result.files_total,
        bytes_verified: result.bytes_total,
      });
      expect(await differences(target)).toEqual([]);
    });
  });

  describe.each([
    ['of format 1', ['--repository-version', '1'], []],
    ['of format 2', ['--repository-version', '2'], ['--compression', 'auto']],
    ['of format 2 without compression', ['--repository-version', '2'], ['--compression', 'off']],
  ])('a repository that it made, %s', (name, initOptions, backupOptions) => {
    const path = join(folder.path, name.replaceAll(' ', '-'));

    beforeAll(() => {
      restic(path, 'init', ...initOptions);
      restic(path, 'backup', '--tag', 'one', ...backupOptions, source);
    });

    it('passes our check and is restored by us', async () => {
      const repository = await open(path);
      expect((await check(repository, { readData: true })).findings).toEqual([]);
      const { id, snapshot } = await findSnapshot(repository, 'latest');
      expect(snapshot).toMatchObject({ paths: [source], tags: ['one'] });
      const target = join(folder.path, `restored-${name.replaceAll(' ', '-')}`);
      await restore(repository, { snapshot: id, folder: source, target });
      expect((await differences(target)).filter((difference) => !isRestics(difference))).toEqual([]);
    });

    it('opens with each of several keys', async () => {
      const second = join(folder.path, `second-password-${name.replaceAll(' ', '-')}`);
      writeFileSync(second, 'another password');
      restic(path, 'key', 'add', '--new-password-file', second);
      const repository = await openRepository(openStorage(path), 'another password', systemClock);
      expect(repository.id).toBe((await open(path)).id);
      await expect(openRepository(openStorage(path), 'wrong', systemClock)).rejects.toMatchObject({
        code: 'PASSWORD_WRONG',
      });
    });

    it('takes a point from us that it can check and restore', async () => {
      const repository = await open(path);
      const { id: parent } = await findSnapshot(repository, 'latest');
      const result = await backup(repository, { source, parent });
      expect(result).toMatchObject({ files_new: 0, files_changed: 0, bytes_read: 0 });
      expect(restic(path, 'check', '--read-data')).toContain('no errors were found');
      const target = join(folder.path, `again-${name.replaceAll(' ', '-')}`);
      restic(path, 'restore', 'latest', '--target', target);
      expect((await differences(join(target, source))).filter((difference) => !isRestics(difference))).toEqual([]);
    });
  });

  it('agrees on what changed between two of our points', async () => {
    const path = join(folder.path, 'changes');
    const changing = join(folder.path, 'changing');
    execFileSync('cp', ['-a', source, changing]);
    const repository = await initRepository(openStorage(path), password, systemClock);
    const full = await backup(repository, { source: changing, parent: null });
    appendFileSync(join(changing, 'added later'), 'new');
    writeFileSync(join(changing, 'another'), 'to be renamed');
    const second = await backup(repository, { source: changing, parent: full.snapshot_id });
    expect(second).toMatchObject({ files_new: 2, files_changed: 0, bytes_read: 16 });
    appendFileSync(join(changing, 'added later'), ' and changed');
    renameSync(join(changing, 'another'), join(changing, 'renamed'));
    rmSync(join(changing, 'sub'), { recursive: true, force: true });
    const third = await backup(repository, { source: changing, parent: second.snapshot_id });
    expect(third).toMatchObject({ files_new: 1, files_changed: 1 });
    expect(await listSnapshots(repository)).toHaveLength(3);
    expect(restic(path, 'check', '--read-data')).toContain('no errors were found');
    const diff = restic(path, 'diff', second.snapshot_id, third.snapshot_id);
    expect(diff).toMatch(/M .*added later/);
    expect(diff).toMatch(/\+ .*renamed/);
    expect(diff).toMatch(/- .*another/);
  });
});
