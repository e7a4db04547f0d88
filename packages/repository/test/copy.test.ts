import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import {
  temporaryDirectory,
  temporaryDirectoryForTest,
  type TemporaryDirectory,
} from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { check } from '../src/checker/check.ts';
import { copySnapshots } from '../src/copier/copy.ts';
import { openRepository } from '../src/open-repository.ts';
import { Repository } from '../src/repository.ts';
import { listSnapshots } from '../src/snapshots.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import type { Storage } from '../src/storage/storage.ts';
import { newCheapRepository } from './cheap-key.ts';
import { password, storeBlobs } from './crafted-repository.ts';
import {
  contentOf,
  copyFixture,
  expectResticContent,
  flipBit,
  makeFixture,
  packsOf,
  reopen,
  restoredContent,
  type Fixture,
} from './damaged-repository.ts';
import { runRestic } from './stock-restic.ts';

describe.skipIf(!hasTool('restic'))('a copy', () => {
  let original: TemporaryDirectory;
  let fixture: Fixture;
  let folder: string;
  let target: Repository;

  beforeAll(async () => {
    original = temporaryDirectory('copy');
    fixture = await makeFixture(original.path);
  });

  afterAll(() => {
    original.remove();
  });

  beforeEach(async () => {
    folder = temporaryDirectoryForTest('copy');
    target = await newCheapRepository(join(folder, 'target'));
  });

  const location = () => target.storage.location;
  const expectCopied = async (copied: readonly { readonly from: string; readonly to: string }[]): Promise<void> => {
    const copies = await listSnapshots(target);
    for (const { id, source, content } of fixture.points) {
      const to = copied.find(({ from }) => from === id)?.to;
      const copy = copies.find((entry) => entry.id === to);
      if (copy === undefined) throw new Error(`the point ${id} was copied`);
      expect(copy.snapshot).toMatchObject({ original: id, paths: [source], tags: [`of ${basename(source)}`] });
      expect(await restoredContent(location(), copy.id, source, folder)).toEqual(contentOf(content));
    }
  };

  it('holds the same under another key, and made again it copies nothing', async () => {
    const first = await copySnapshots(fixture.repository, target);
    expect(first).toMatchObject({ present: [], failed: [], read_back: true });
    expect(first.copied).toHaveLength(3);
    expect(first.bytes_added).toBeGreaterThan(1_400_000);
    await expectCopied(first.copied);
    await expectResticContent(location());
    expect((await check(target, { readData: true })).findings).toEqual([]);
    expect((await target.storage.stat('config', 'config'))?.size).toBeGreaterThan(0);
    expect(target.config.polynomial).not.toBe(fixture.repository.config.polynomial);

    const second = await copySnapshots(fixture.repository, target);
    expect(second).toMatchObject({ copied: [], present: first.copied, blobs_copied: 0, packs_stored: 0 });
    expect(await target.listNames('locks')).toEqual([]);
    expect(await fixture.repository.listNames('locks')).toEqual([]);
  });

  it('and one that restic makes recognise each other', async () => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password);
    const from = ['--from-repo', fixture.location, '--from-password-file', passwordFile];
    await copySnapshots(fixture.repository, target, { snapshots: fixture.points.slice(0, 2).map(({ id }) => id) });
    const theirs = await runRestic(location(), 'copy', ...from);
    expect(theirs).toMatchObject({ status: 0 });
    expect(theirs.stdout.match(/was already copied/g)).toHaveLength(2);
    const ours = await copySnapshots(fixture.repository, target);
    expect(ours).toMatchObject({ copied: [], blobs_copied: 0 });
    expect(ours.present).toHaveLength(3);
    await expectResticContent(location());
  });

  it('stores only what the target has not, and goes on from what an interrupted one has stored', async () => {
    const [one] = fixture.points;
    if (one === undefined) throw new Error('there is a point');
    // The target backed the same folder up itself.
    await backup(target, { source: join(original.path, 'two'), parent: null });
    const before = await copySnapshots(fixture.repository, target, { snapshots: [one.id] });
    expect(before.bytes_added).toBeLessThan(1_000_000);
    const controller = new AbortController();
    const interrupted = copySnapshots(fixture.repository, target, {
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'writing') controller.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await target.listNames('locks')).toEqual([]);
    const rest = await copySnapshots(fixture.repository, target);
    expect(rest.copied).toHaveLength(2);
    expect(rest.present).toEqual(before.copied);
    await expectCopied([...before.copied, ...rest.copied]);
    await expectResticContent(location(), true);
  });

  it('maps the parent, keeps the first original, and takes the copy of a copy for what it is', async () => {
    const source = join(folder, 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), 'x');
    const middle = await newCheapRepository(join(folder, 'middle'));
    const first = await backup(middle, { source, parent: null });
    const second = await backup(middle, { source, parent: first.snapshot_id });
    const { copied } = await copySnapshots(middle, target);
    const to = (id: string) => copied.find(({ from }) => from === id)?.to;
    const [, copy] = await listSnapshots(target);
    expect(copy?.snapshot).toMatchObject({ parent: to(first.snapshot_id), original: second.snapshot_id });
    const back = await copySnapshots(target, middle);
    expect(back).toMatchObject({ copied: [] });
    expect(back.present.map((one) => one.to)).toEqual(expect.arrayContaining([first.snapshot_id, second.snapshot_id]));
  });

  it('goes into a repository of format 1, without reading back when told so', async () => {
    const old = join(folder, 'old');
    expect(await runRestic(old, 'init', '--repository-version', '1')).toMatchObject({ status: 0 });
    target = await openRepository(openStorage(old), password, systemClock);
    const result = await copySnapshots(fixture.repository, target, { readBack: false, lockSource: false });
    expect(result.read_back).toBe(false);
    await expectCopied(result.copied);
    await expectResticContent(old);
  });

  it('leaves out a snapshot of which something is damaged, says why and where, and copies the others', async () => {
    const damaged = await copyFixture(fixture, temporaryDirectoryForTest('copy-damaged'));
    const [lost = ''] = (await packsOf(damaged, 'data')).filter((path) => readFileSync(path).length > 600_000);
    flipBit(lost, 1000);
    const result = await copySnapshots(await reopen(damaged), target);
    expect(result.failed.length).toBeGreaterThan(0);
    expect(result.copied.length + result.failed.length).toBe(3);
    for (const { reason, affected } of result.failed) {
      expect(reason).toMatch(/^the blob data [0-9a-f]{64} cannot be read: /);
      expect(affected.length).toBeGreaterThan(0);
    }
    expect((await check(target, { readData: true })).findings.filter(({ severity }) => severity === 'error')).toEqual(
      [],
    );
    // Once the source is mended, the rest follows.
    const rest = await copySnapshots(fixture.repository, target);
    expect(rest.copied).toHaveLength(result.failed.length);
    await expectCopied([...result.copied, ...rest.copied]);
    await expectResticContent(location(), true);
  });

  it('leaves out a snapshot whose tree or file is damaged', async () => {
    const damaged = await copyFixture(fixture, temporaryDirectoryForTest('copy-damaged'));
    const [first] = fixture.points;
    flipBit(join(damaged.location, 'snapshots', first?.id ?? ''), 40);
    for (const path of await packsOf(damaged, 'tree')) rmSync(path);
    const result = await copySnapshots(await reopen(damaged), target);
    expect(result.copied).toEqual([]);
    expect(result.failed).toHaveLength(3);
    expect(await target.listNames('snapshots')).toEqual([]);
  });

  it('takes a blob that is damaged in one pack from another', async () => {
    const damaged = await copyFixture(fixture, temporaryDirectoryForTest('copy-damaged'));
    const packs = await packsOf(damaged, 'data');
    await storeBlobs(damaged.repository, 'data', [...contentOf(original.path).values()]);
    for (const path of packs) if (readFileSync(path).length < 600_000) rmSync(path);
    const result = await copySnapshots(await reopen(damaged), target);
    expect(result.failed).toEqual([]);
    await expectCopied(result.copied);
  });

  it('does not go on when the target gives back something else than what was sent', async () => {
    const { storage } = target;
    const forgetful: Storage = {
      ...{ location: storage.location, description: storage.description, readOnly: false },
      put: async (type, name, data) => {
        const changed = Buffer.from(data);
        if (type === 'data') changed[20] = (changed[20] as number) ^ 1;
        await storage.put(type, name, changed);
      },
      create: storage.create.bind(storage),
      get: storage.get.bind(storage),
      stat: storage.stat.bind(storage),
      list: storage.list.bind(storage),
      delete: storage.delete.bind(storage),
    };
    const wrong = new Repository(
      forgetful,
      { key: target.key, name: target.keyName },
      { ...target.config, version: 2 },
      systemClock,
    );
    await expect(copySnapshots(fixture.repository, wrong)).rejects.toMatchObject({ code: 'PACK_DAMAGED' });
    expect(await target.listNames('snapshots')).toEqual([]);
  });

  it('is refused from a repository into itself, and of a snapshot that is not there', async () => {
    await expect(copySnapshots(target, target)).rejects.toMatchObject({ code: 'REPOSITORY_SAME' });
    const [point] = fixture.points;
    const unknown = copySnapshots(target, fixture.repository, { snapshots: point === undefined ? [] : [point.id] });
    await expect(unknown).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
  });

  it('in batches saves each snapshot once all that it needs is listed', async () => {
    const seen: number[] = [];
    const { copied } = await copySnapshots(fixture.repository, target, {
      batchBytes: 1,
      onProgress: ({ files_done: snapshots }) => seen.push(snapshots),
    });
    expect(new Set(seen).size).toBeGreaterThan(1);
    await expectCopied(copied);
    await expectResticContent(location());
  });

  it('of many small and some large files holds every byte', async () => {
    const seed = randomBytes(4).toString('hex');
    const source = join(folder, 'source');
    mkdirSync(join(source, 'a/b'), { recursive: true });
    for (let number = 0; number < 300; number += 1)
      writeFileSync(join(source, 'a/b', `${seed} ${number}`), `${number}`);
    for (const name of ['x', 'y']) writeFileSync(join(source, name), randomBytes(9_000_000));
    const middle = await newCheapRepository(join(folder, 'middle'));
    const { snapshot_id: id } = await backup(middle, { source, parent: null });
    const { copied } = await copySnapshots(middle, target);
    expect(await restoredContent(location(), copied[0]?.to ?? id, source, folder)).toEqual(contentOf(source));
    await expectResticContent(location());
  });
});
