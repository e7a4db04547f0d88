import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { check } from '../src/checker/check.ts';
import type { BlobId } from '../src/format/blob.ts';
import { loadIndex } from '../src/index/load-index.ts';
import { listNodes } from '../src/list-nodes.ts';
import { openRepository } from '../src/open-repository.ts';
import type { Repository } from '../src/repository.ts';
import { restore } from '../src/restorer/restore.ts';
import { listSnapshots, loadSnapshot, saveSnapshot } from '../src/snapshots.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { findFolder } from '../src/tree/find-folder.ts';
import { TreeReader } from '../src/tree/tree-reader.ts';
import { newRepository, password, snapshotOf, storeBlobs } from './crafted-repository.ts';

describe('a backup', () => {
  let folder: string;
  let source: string;
  let repository: Repository;

  beforeEach(async () => {
    folder = temporaryDirectoryForTest('backup');
    source = join(folder, 'source');
    mkdirSync(source);
    repository = await newRepository(folder);
  });

  const paths = async (): Promise<string[]> => {
    const newest = (await listSnapshots(repository)).at(-1);
    if (newest === undefined) throw new Error('there is a snapshot');
    const listed = [];
    for await (const { path } of listNodes(repository, newest.id, source)) listed.push(path.slice(source.length + 1));
    return listed;
  };

  it.each([
    ['is missing', 'SOURCE_MISSING', () => rmSync(source, { recursive: true })],
    ['is a file', 'SOURCE_MISSING', () => (rmSync(source, { recursive: true }), writeFileSync(source, 'x'))],
    ['holds nothing', 'SOURCE_EMPTY', () => undefined],
  ])('fails when its source %s, and stores nothing', async (_what, code, prepare) => {
    prepare();
    await expect(backup(repository, { source, parent: null })).rejects.toMatchObject({ code });
    expect(await repository.listNames('snapshots')).toEqual([]);
    expect(await repository.listNames('data')).toEqual([]);
    expect(await repository.listNames('locks')).toEqual([]);
  });

  it('takes an empty source where that is meant', async () => {
    await backup(repository, { source, parent: null, allowEmpty: true });
    expect(await paths()).toEqual([]);
  });

  it('reads nothing again when nothing changed, and everything without a parent', async () => {
    writeFileSync(join(source, 'a'), 'one');
    writeFileSync(join(source, 'b'), Buffer.alloc(3_000_000, 7));
    const first = await backup(repository, { source, parent: null });
    expect(first).toMatchObject({ files_new: 2, bytes_read: 3_000_003, bytes_processed: 3_000_003 });
    const second = await backup(repository, { source, parent: first.snapshot_id });
    expect(second).toMatchObject({ files_unmodified: 2, bytes_read: 0, bytes_processed: 3_000_003 });
    const third = await backup(repository, { source, parent: null });
    expect(third).toMatchObject({ files_new: 2, bytes_read: 3_000_003 });
    // Folders above the source may have changed meanwhile, and are stored as trees.
    expect(third.bytes_added).toBeLessThan(5000);
  });

  it('knows what has not changed from trees in any order, as others may have written them', async () => {
    mkdirSync(join(source, 'inner'));
    for (const name of ['a', 'b', 'c', 'inner/x']) writeFileSync(join(source, name), name);
    const { snapshot_id: written } = await backup(repository, { source, parent: null });
    const trees = new TreeReader(repository, await loadIndex(repository));
    const content = await findFolder(trees, (await loadSnapshot(repository, written)).tree, source);
    if (content === null) throw new Error('the folder was backed up');
    const { nodes } = JSON.parse((await trees.readPlaintext(content.tree)).toString()) as { nodes: unknown[] };
    let [tree] = await storeBlobs(repository, 'tree', [Buffer.from(JSON.stringify({ nodes: nodes.reverse() }))]);
    for (const name of source.split('/').slice(1).reverse()) {
      const folder = { name, type: 'dir', content: null, subtree: tree };
      [tree] = await storeBlobs(repository, 'tree', [Buffer.from(JSON.stringify({ nodes: [folder] }))]);
    }
    const parent = await saveSnapshot(repository, snapshotOf(tree as BlobId));
    appendFileSync(join(source, 'a'), 'more');
    const again = await backup(repository, { source, parent });
    expect(again).toMatchObject({ files_new: 0, files_changed: 1, files_unmodified: 3, bytes_read: 5 });
  });

  it('leaves out what patterns exclude', async () => {
    mkdirSync(join(source, 'cache'));
    writeFileSync(join(source, 'cache', 'x'), 'x');
    for (const name of ['keep.txt', 'drop.tmp']) writeFileSync(join(source, name), name);
    await backup(repository, { source, parent: null, excludes: ['*.tmp', 'cache/'] });
    expect(await paths()).toEqual(['keep.txt']);
  });

  it.skipIf(isRoot)('completes without what it may not read, and says so', async () => {
    writeFileSync(join(source, 'readable'), 'x');
    writeFileSync(join(source, 'unreadable'), 'x');
    chmodSync(join(source, 'unreadable'), 0);
    const result = await backup(repository, { source, parent: null });
    expect(result).toMatchObject({ skipped_count: 1, skipped: [{ code: 'FILE_UNREADABLE' }] });
    expect(await paths()).toEqual(['readable']);
  });

  it('completes while files grow and vanish, and names each one that was not read whole', async () => {
    for (let number = 0; number < 300; number += 1) writeFileSync(join(source, `file ${number}`), 'x'.repeat(20_000));
    const growing = join(source, 'growing.log');
    writeFileSync(growing, Buffer.alloc(40_000_000, 1));
    const script = `const fs = require('node:fs'); const [growing, ...doomed] = process.argv.slice(1);
      console.log('ready'); const end = Date.now() + 20000;
      while (Date.now() < end && fs.existsSync(growing)) { fs.appendFileSync(growing, 'more'); const next = doomed.pop(); if (next) fs.rmSync(next, { force: true }); }`;
    const doomed = Array.from({ length: 90 }, (_, number) => join(source, `file ${number * 2}`));
    const disturber = spawn(process.execPath, ['-e', script, growing, ...doomed], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(disturber, 'exit');
    await once(disturber.stdout, 'data');
    const result = await backup(repository, { source, parent: null });
    disturber.kill('SIGKILL');
    await ended;

    expect(result.skipped.map(({ path }) => path)).toContain(growing);
    const codes = new Set(result.skipped.map(({ code }) => code));
    expect([...codes].every((code) => code === 'FILE_CHANGED' || code === 'FILE_VANISHED')).toBe(true);
    const target = join(folder, 'target');
    await restore(repository, { snapshot: result.snapshot_id, folder: source, target });
    expect((await check(repository, { readData: true })).findings).toEqual([]);
  });

  it.skipIf(!isRoot)('says when the repository has no room left, and keeps the points before', async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]);
    onTestFinished(() => {
      execFileSync('umount', [disk]);
    });
    const small = await newRepository(disk);
    writeFileSync(join(source, 'small'), 'fits');
    await backup(small, { source, parent: null });
    writeFileSync(join(source, 'large'), randomBytes(20_000_000));
    await expect(backup(small, { source, parent: null })).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    const { findings, snapshots } = await check(small, { readData: true });
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(snapshots).toBe(1);
  });

  it('stops when it is told to, without a snapshot and without a lock', async () => {
    writeFileSync(join(source, 'large'), Buffer.alloc(50_000_000, 3));
    const controller = new AbortController();
    const stopped = backup(repository, {
      source,
      parent: null,
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'reading') controller.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await repository.listNames('snapshots')).toEqual([]);
    expect(await repository.listNames('locks')).toEqual([]);
  });

  it('that is killed leaves the points before it whole, holds nobody up, and succeeds when it is run again', async () => {
    writeFileSync(join(source, 'kept'), 'kept');
    const before = await backup(repository, { source, parent: null });
    for (let number = 0; number < 40; number += 1) {
      writeFileSync(join(source, `large ${number}`), Buffer.alloc(2_000_000, `${number} `));
      appendFileSync(join(source, `large ${number}`), String(number));
    }
    const entry = new URL('./backup-process.ts', import.meta.url).pathname;
    for (const wait of [50, 300, 700]) {
      const child = spawn(process.execPath, [entry, repository.storage.location, source], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      await delay(wait);
      child.kill('SIGKILL');
      await ended;
    }
    const findings = (await check(repository, { readData: true })).findings;
    expect(findings.filter(({ severity }) => severity !== 'harmless')).toEqual([]);
    const target = join(folder, 'target');
    await restore(repository, { snapshot: before.snapshot_id, folder: source, target });

    const again = await backup(await openRepository(openStorage(repository.storage.location), password, systemClock), {
      source,
      parent: before.snapshot_id,
    });
    expect(again).toMatchObject({ files_new: 40, files_unmodified: 1 });
    expect(await repository.listNames('locks')).toEqual([]);
  });
});
