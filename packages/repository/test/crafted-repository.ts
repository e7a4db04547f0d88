import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { hashBytes, type BlobId, type BlobType } from '../src/format/blob.ts';
import { blobIdOf } from '../src/index/blob-index.ts';
import { IndexWriter } from '../src/index/index-writer.ts';
import { PackBuilder } from '../src/pack/pack-builder.ts';
import type { Repository } from '../src/repository.ts';
import { saveSnapshot } from '../src/snapshots.ts';
import { newCheapRepository, password } from './cheap-key.ts';

export { password };

/** A new repository in a folder. */
export function newRepository(folder: string): Promise<Repository> {
  return newCheapRepository(folder);
}

/** Stores blobs as they are given, one pack for each, whether or not they make sense. Returns their ids. */
export async function storeBlobs(
  repository: Repository,
  type: BlobType,
  plaintexts: readonly Buffer[],
): Promise<BlobId[]> {
  const index = new IndexWriter(repository);
  const ids: BlobId[] = [];
  for (const plaintext of plaintexts) {
    const builder = new PackBuilder(type, repository.key, repository.version);
    const id = hashBytes(plaintext);
    builder.add(id, plaintext);
    const { contents, data } = builder.finish();
    await repository.storage.put('data', contents.id, data);
    await index.add(contents);
    ids.push(blobIdOf(id));
  }
  await index.flush();
  return ids;
}

/** Stores a snapshot of a tree that is given as JSON, as a hostile or broken program could write it. */
export async function storeTree(repository: Repository, nodes: readonly unknown[]): Promise<SnapshotId> {
  const [tree] = await storeBlobs(repository, 'tree', [Buffer.from(`${JSON.stringify({ nodes })}\n`)]);
  if (tree === undefined) throw new Error('the tree was stored');
  return saveSnapshot(repository, snapshotOf(tree));
}

/** A snapshot of a tree, with nothing else in it. */
export function snapshotOf(tree: BlobId): Parameters<typeof saveSnapshot>[1] {
  return {
    time: '2026-01-01T00:00:00Z',
    tree,
    parent: undefined,
    paths: ['/'],
    hostname: undefined,
    username: undefined,
    uid: undefined,
    gid: undefined,
    excludes: undefined,
    tags: undefined,
    original: undefined,
    program_version: undefined,
    summary: undefined,
  };
}

/** A file's node in a tree's JSON. */
export function fileNode(name: string, content: readonly BlobId[], size: number): unknown {
  const time = '2026-01-01T00:00:00Z';
  return {
    name,
    type: 'file',
    mode: 0o644,
    mtime: time,
    atime: time,
    ctime: time,
    uid: 0,
    gid: 0,
    size,
    links: 1,
    content,
  };
}
