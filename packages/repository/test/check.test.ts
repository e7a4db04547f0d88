import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { hash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { setClock } from '@enterprise-backup/test-support/set-clock';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { beforeEach, describe, expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { check } from '../src/checker/check.ts';
import { asBlobId } from '../src/format/blob.ts';
import { encodeIndexFile } from '../src/format/index-file.ts';
import { decodeIndexFile } from '../src/format/index-file.ts';
import { openRepository } from '../src/open-repository.ts';
import { initRepository, type Repository } from '../src/repository.ts';
import { applyPrune } from '../src/pruner/apply-prune.ts';
import { planPrune } from '../src/pruner/plan-prune.ts';
import { forgetSnapshots, listSnapshots, saveSnapshot } from '../src/snapshots.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { fileNode, newRepository, password, storeBlobs, storeTree } from './crafted-repository.ts';

describe('a check', () => {
  let folder: string;
  let repository: Repository;

  beforeEach(async () => {
    folder = temporaryDirectoryForTest('check');
    const source = join(folder, 'source');
    mkdirSync(source);
    for (const name of ['one', 'two']) writeFileSync(join(source, name), randomBytes(600_000));
    repository = await newRepository(folder);
    await backup(repository, { source, parent: null });
  });

  /** The files of a kind in the repository's folder, the largest first. */
  const filesOf = (kind: string): string[] => {
    const root = join(repository.storage.location, kind);
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort((left, right) => readFileSync(right).length - readFileSync(left).length);
  };
  const largest = (kind: string): string => {
    const [first] = filesOf(kind);
    if (first === undefined) throw new Error(`the repository has a file in ${kind}`);
    chmodSync(first, 0o600);
    return first;
  };
  const flip = (path: string, at: number): void => {
    const data = readFileSync(path);
    data[at] = (data[at] as number) ^ 1;
    writeFileSync(path, data);
  };
  const codes = async (readData: boolean): Promise<string[]> => {
    const { findings } = await check(repository, { readData });
    return [...new Set(findings.map(({ code, severity }) => `${severity} ${code}`))].sort();
  };

  it('finds nothing in a whole repository', async () => {
    expect(await check(repository, { readData: true })).toMatchObject({ findings: [], snapshots: 1 });
  });

  it('finds a flipped bit in a data blob, and says which file it costs', async () => {
    flip(largest('data'), 1000);
    expect(await codes(false)).toEqual([]);
    const { findings } = await check(repository, { readData: true });
    expect(findings.map(({ code }) => code).sort()).toEqual(['BLOB_DAMAGED', 'PACK_DAMAGED']);
    expect(findings.find(({ code }) => code === 'BLOB_DAMAGED')?.affected).toEqual([
      expect.stringMatching(/^[0-9a-f]{8}:.*\/source\/(one|two)$/),
    ]);
  });

  it('finds a flipped bit in the header of a pack', async () => {
    const pack = largest('data');
    flip(pack, readFileSync(pack).length - 10);
    expect(await codes(true)).toEqual(['error PACK_DAMAGED']);
  });

  it('finds a pack that is cut short, and one that is gone', async () => {
    truncateSync(largest('data'), 1000);
    expect(await codes(false)).toEqual(['error PACK_SIZE_WRONG']);
    rmSync(largest('data'));
    expect(await codes(false)).toContain('error PACK_MISSING');
  });

  it('finds a damaged index, and what nothing lists any more', async () => {
    flip(largest('index'), 40);
    expect(await codes(false)).toEqual(['error BLOB_MISSING', 'error INDEX_DAMAGED', 'harmless PACK_NOT_INDEXED']);
  });

  it.each([
    ['a missing pack', 'PACK_MISSING', () => rmSync(largest('data')), /\/source\/(one|two)$/],
    ['a pack that is cut short', 'PACK_SIZE_WRONG', () => truncateSync(largest('data'), 99), /\/source\/(one|two)$/],
    ['a damaged pack', 'PACK_DAMAGED', () => flip(largest('data'), 99), /\/source\/(one|two)$/],
    ['a damaged index file', 'INDEX_DAMAGED', () => flip(largest('index'), 40), /:\/$/],
  ])('says of %s which points and which files it touches', async (_what, code, damage, touched) => {
    const first = (await listSnapshots(repository))[0];
    if (first === undefined) throw new Error('there is a snapshot');
    // A second point that shares everything, and one of something else.
    const again = await backup(repository, { source: join(folder, 'source'), parent: null });
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'untouched'), 'x');
    await backup(repository, { source: other, parent: null });
    damage();
    const { findings } = await check(repository, { readData: true });
    const finding = findings.find((candidate) => candidate.code === code);
    expect([...(finding?.points ?? [])].sort()).toEqual([first.id, again.snapshot_id].sort());
    expect(finding?.affected).toContainEqual(expect.stringMatching(touched));
    expect(finding?.affected.join()).not.toContain('untouched');
  });

  it('touches nothing when another pack holds the same blobs', async () => {
    const [blob = asBlobId('')] = await storeBlobs(repository, 'data', [Buffer.from('content')]);
    const before = new Set(filesOf('data'));
    await storeBlobs(repository, 'data', [Buffer.from('content')]);
    const [added = ''] = filesOf('data').filter((path) => !before.has(path));
    await storeTree(repository, [fileNode('file', [blob], 7)]);
    rmSync(added);
    const { findings } = await check(repository);
    expect(findings).toEqual([expect.objectContaining({ code: 'PACK_MISSING', points: [], affected: [] })]);
  });

  it('tells what prune has marked from what is unknown, and that a prune brings it back when it is needed again', async () => {
    const [entry] = await listSnapshots(repository);
    if (entry === undefined) throw new Error('there is a snapshot');
    await forgetSnapshots(repository, [entry.id]);
    const prune = async () => applyPrune(repository, await planPrune(repository));
    await prune();
    expect(await check(repository)).toMatchObject({ findings: [], packs: 0, packs_marked: 2 });
    // A client that uses no locks has counted on what is marked.
    await saveSnapshot(repository, entry.snapshot);
    const { findings } = await check(repository);
    expect(findings).toMatchObject([
      {
        code: 'BLOB_MISSING',
        message: expect.stringMatching(/prune has marked the pack [0-9a-f]{64} that holds it/) as unknown,
      },
    ]);
    await prune();
    expect(await check(repository, { readData: true })).toMatchObject({ findings: [], packs: 2, packs_marked: 0 });
  });

  it('names the first thousand findings of a code, and counts the others', async () => {
    const ids = Array.from({ length: 1500 }, (_, number) => asBlobId(hash('sha256', String(number), 'hex')));
    await storeTree(repository, [fileNode('file', ids, 0)]);
    const outcome = await check(repository);
    expect(outcome.findings).toHaveLength(1000);
    expect(outcome.findings_omitted).toBe(500);
  });

  it('finds a damaged snapshot, and an empty one', async () => {
    const snapshot = largest('snapshots');
    flip(snapshot, 40);
    expect(await codes(false)).toEqual(['error SNAPSHOT_DAMAGED']);
    truncateSync(snapshot, 0);
    expect(await codes(false)).toEqual(['error SNAPSHOT_DAMAGED']);
  });

  it('finds a damaged tree in the pack of trees', async () => {
    const tree = filesOf('data').at(-1);
    if (tree === undefined) throw new Error('there is a pack of trees');
    chmodSync(tree, 0o600);
    flip(tree, 20);
    expect(await codes(false)).toEqual(['error TREE_DAMAGED']);
  });

  it('finds a damaged key file while another one opens the repository', async () => {
    writeFileSync(join(repository.storage.location, 'keys', 'f'.repeat(64)), '{"not":"a key"}');
    expect(await codes(false)).toEqual(['error KEY_DAMAGED']);
    const again = await openRepository(openStorage(repository.storage.location), password, systemClock);
    expect(again.id).toBe(repository.id);
  });

  it('finds what restic does not: a wrong size, a wrong uncompressed length, hostile and unsorted names', async () => {
    const content = await storeBlobs(repository, 'data', [Buffer.alloc(1000, 'text ')]);
    await storeTree(repository, [fileNode('size', content, 999)]);
    await storeTree(repository, [fileNode('b', content, 1000), fileNode('a', content, 1000)]);
    await storeTree(repository, [fileNode('../out', content, 1000)]);
    expect(await codes(true)).toEqual(['error FILE_SIZE_WRONG', 'error TREE_HOSTILE', 'harmless TREE_UNSORTED']);

    for (const name of await repository.listNames('index')) {
      const packs = decodeIndexFile(await repository.loadUnpacked('index', name)) ?? [];
      if (!packs.some(({ blobs }) => blobs.some(({ id }) => id === content[0]))) continue;
      const wrong = packs.map((pack) => ({
        ...pack,
        blobs: pack.blobs.map((blob) => (blob.id === content[0] ? { ...blob, uncompressedLength: 1001 } : blob)),
      }));
      await repository.storage.delete('index', name);
      await repository.saveUnpacked('index', encodeIndexFile(wrong));
    }
    expect(await codes(true)).toContain('error BLOB_DAMAGED');
  });

  it('tells two index files that disagree from two that repeat', async () => {
    const [name = ''] = await repository.listNames('index');
    const packs = decodeIndexFile(await repository.loadUnpacked('index', name)) ?? [];
    const repeated = await repository.saveUnpacked('index', encodeIndexFile(packs));
    expect(await codes(false)).toEqual(['harmless PACK_INDEXED_TWICE']);
    await repository.storage.delete('index', repeated);
    await repository.saveUnpacked(
      'index',
      encodeIndexFile(packs.map((pack) => ({ ...pack, blobs: pack.blobs.slice(1) }))),
    );
    expect(await codes(false)).toContain('error INDEX_DISAGREES');
  });
});

describe('reading a part of the data', () => {
  let folder: string;
  let repository: Repository;
  let stateFile: string;
  const time = setClock('2026-11-22T12:00:00Z');
  const day = 24 * 60 * 60;

  beforeEach(async () => {
    folder = temporaryDirectoryForTest('check-part');
    stateFile = join(folder, 'state');
    await newRepository(folder);
    repository = await openRepository(openStorage(join(folder, 'repository')), password, time);
    for (let number = 0; number < 8; number += 1) {
      const [blob = asBlobId('')] = await storeBlobs(repository, 'data', [randomBytes(10_000)]);
      await storeTree(repository, [fileNode('file', [blob], 10_000)]);
    }
  });

  it('reads what is asked for', async () => {
    const whole = await check(repository, { readData: true });
    expect(whole).toMatchObject({ packs_read: 16, bytes_read: whole.bytes_stored, verified: null });
    const halves = await Promise.all(
      [1, 2].map((part) => check(repository, { readData: { kind: 'part', part, of: 2 } })),
    );
    expect(halves.reduce((sum, { packs_read: packs }) => sum + packs, 0)).toBe(16);
    const some = await check(repository, { readData: { kind: 'bytes', bytes: 1 } });
    expect(some.packs_read).toBe(1);
    await expect(check(repository, { readData: { kind: 'period', seconds: 1 } })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  });

  it('goes on from day to day, so that all is read once in the period', async () => {
    const readData = { kind: 'period', seconds: 4 * day } as const;
    const read: number[] = [];
    for (let number = 0; number < 5; number += 1) {
      const outcome = await check(repository, { readData, stateFile });
      read.push(outcome.packs_read);
      if (number === 0) expect(outcome.verified?.oldest).toBeNull();
      if (number >= 3) expect(outcome.verified?.bytes).toBe(outcome.bytes_stored);
      time.advance(day);
    }
    expect(read.slice(0, 4).reduce((sum, packs) => sum + packs, 0)).toBeGreaterThanOrEqual(16);
    expect(Math.max(...read)).toBeLessThan(12);
  });

  it('goes on after an interruption with what was not read', async () => {
    const readData = { kind: 'period', seconds: 60 } as const;
    const controller = new AbortController();
    const interrupted = check(repository, {
      readData,
      stateFile,
      signal: controller.signal,
      onProgress: ({ files_done: packs }) => {
        time.advance(1);
        if (packs === 3) controller.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'CANCELLED' });
    const text = readFileSync(stateFile, 'utf8');
    const done = text.split('\n').filter((line) => line.includes('"verified":"')).length;
    expect(done).toBeGreaterThanOrEqual(3);
    const rest = await check(repository, { readData: { kind: 'bytes', bytes: 1 }, stateFile });
    expect(rest.packs_read).toBe(1);
    const lines = readFileSync(stateFile, 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('"verified":"'))).toHaveLength(done + 1);
  });

  it('does not take a damaged pack for verified, and tells of it each time', async () => {
    const [name = ''] = await repository.listNames('data');
    const path = join(folder, 'repository/data', name.slice(0, 2), name);
    chmodSync(path, 0o600);
    const data = readFileSync(path);
    data[5] = (data[5] as number) ^ 1;
    writeFileSync(path, data);
    for (let number = 0; number < 2; number += 1) {
      const outcome = await check(repository, { readData: true, stateFile });
      expect(outcome.findings.map(({ code }) => code)).toContain('PACK_DAMAGED');
      expect(outcome.verified).toEqual({
        bytes: outcome.bytes_stored - data.length,
        bytes_total: outcome.bytes_stored,
        oldest: null,
      });
    }
  });
});

describe('opening', () => {
  it.each([
    ['a wrong password', 'PASSWORD_WRONG', () => undefined, 'wrong'],
    [
      'a damaged config',
      'CONFIG_DAMAGED',
      (at: string) => writeFileSync(join(at, 'config'), Buffer.alloc(155, 1)),
      password,
    ],
    ['no config', 'REPOSITORY_NOT_FOUND', (at: string) => rmSync(join(at, 'config')), password],
    ['no key', 'KEY_NOT_FOUND', (at: string) => rmSync(join(at, 'keys'), { recursive: true }), password],
  ])('fails with %s', async (_what, code, harm, attempt) => {
    const repository = await newRepository(temporaryDirectoryForTest('opening'));
    const { location } = repository.storage;
    chmodSync(join(location, 'config'), 0o600);
    harm(location);
    await expect(openRepository(openStorage(location), attempt, systemClock)).rejects.toMatchObject({ code });
  });

  it('goes on where an attempt to make one ended before the config was written', async () => {
    const folder = temporaryDirectoryForTest('opening');
    const { location } = (await newRepository(folder)).storage;
    rmSync(join(location, 'config'));
    await expect(initRepository(openStorage(location), 'another', systemClock)).rejects.toMatchObject({
      code: 'REPOSITORY_EXISTS',
    });
    const { id } = await initRepository(openStorage(location), password, systemClock);
    expect(readdirSync(join(location, 'keys'))).toHaveLength(1);
    expect((await openRepository(openStorage(location), password, systemClock)).id).toBe(id);
  });

  it('takes the key that the config is sealed with, of two that one password opens', async () => {
    const folder = temporaryDirectoryForTest('opening');
    const { id, storage } = await newRepository(join(folder, 'one'));
    const other = await newRepository(join(folder, 'two'));
    const [name = ''] = await other.listNames('keys');
    await storage.put('keys', name, await other.storage.get('keys', name));
    expect((await openRepository(storage, password, systemClock)).id).toBe(id);
  });

  it('never makes a repository where one is', async () => {
    const folder = temporaryDirectoryForTest('opening');
    await newRepository(folder);
    await expect(newRepository(folder)).rejects.toMatchObject({ code: 'REPOSITORY_EXISTS' });
  });
});
