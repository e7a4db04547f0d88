import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { beforeEach, describe, expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { check } from '../src/checker/check.ts';
import { encodeIndexFile } from '../src/format/index-file.ts';
import { decodeIndexFile } from '../src/format/index-file.ts';
import { openRepository, type Repository } from '../src/repository.ts';
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

  it('never makes a repository where one is', async () => {
    const folder = temporaryDirectoryForTest('opening');
    await newRepository(folder);
    await expect(newRepository(folder)).rejects.toMatchObject({ code: 'REPOSITORY_EXISTS' });
  });
});
