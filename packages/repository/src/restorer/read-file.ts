import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import type { BlobId } from '../format/blob.ts';
import type { TreeNode } from '../format/tree.ts';
import type { BlobIndex, BlobLocation } from '../index/blob-index.ts';
import { loadIndex } from '../index/load-index.ts';
import { throwIfAborted } from '../pauses.ts';
import { openBlob } from '../open-blob.ts';
import type { Repository } from '../repository.ts';
import { loadSnapshot } from '../snapshots.ts';
import { findFolder } from '../tree/find-folder.ts';
import { TreeReader } from '../tree/tree-reader.ts';

/** Blobs that are fetched ahead of the one that is handed out: at most this many chunks of 8 MiB are in memory. */
const fetchedAhead = 4;

/** A file of a snapshot whose content can be read. `size` in bytes, as the point has it. */
export interface OpenedFile {
  readonly size: number;
  /** The content, in parts. Each part is compared with its hash before it is handed out: what came out so far is right. */
  readonly content: AsyncGenerator<Buffer>;
}

/**
 * Opens one file of a snapshot for reading, without a target. `path` is absolute inside the snapshot. Throws
 * SNAPSHOT_NOT_FOUND, SNAPSHOT_PATH_NOT_FOUND for anything but a file, TREE_DAMAGED, TREE_HOSTILE, a STORAGE_ error; while
 * reading also BLOB_MISSING, BLOB_DAMAGED or CANCELLED.
 */
export async function openFile(
  repository: Repository,
  snapshot: SnapshotId,
  path: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<OpenedFile> {
  const { tree } = await loadSnapshot(repository, snapshot);
  const index = await loadIndex(repository);
  const node = await findFile(new TreeReader(repository, index), tree, path);
  if (node?.type !== 'file' || node.content === null) {
    const what = node === null ? 'nothing' : `no file, but something of the type ${node.type},`;
    throw new PlatformError('SNAPSHOT_PATH_NOT_FOUND', `the snapshot ${snapshot} holds ${what} at ${path}`);
  }
  return { size: node.size, content: readBlobs(repository, index, node.content, signal) };
}

async function findFile(trees: TreeReader, root: BlobId, path: string): Promise<TreeNode | null> {
  const cut = path.replace(/\/+$/, '').lastIndexOf('/');
  const name = Buffer.from(path.replace(/\/+$/, '').slice(cut + 1));
  const folder = await findFolder(trees, root, path.slice(0, Math.max(cut, 0)));
  if (folder === null) return null;
  return (await trees.read(folder.tree)).find((node) => node.name.equals(name)) ?? null;
}

async function* readBlobs(
  repository: Repository,
  index: BlobIndex,
  content: readonly BlobId[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const ahead: Promise<Buffer>[] = [];
  const fetch = (id: BlobId) => {
    const fetched = readBlob(repository, index, id);
    // It is awaited later; until then a failure must not end the process.
    fetched.catch(() => undefined);
    return fetched;
  };
  for (let next = 0; next < content.length || ahead.length > 0;) {
    throwIfAborted(signal);
    for (; ahead.length < fetchedAhead && next < content.length; next += 1) {
      const id = content[next];
      if (id !== undefined) ahead.push(fetch(id));
    }
    const first = ahead.shift();
    if (first !== undefined) yield await first;
  }
}

/** Tries each copy of the blob, before it counts as damaged. */
async function readBlob(repository: Repository, index: BlobIndex, id: BlobId): Promise<Buffer> {
  const locations = index.findAll('data', id);
  let fault = 'no index lists it';
  for (const location of locations) {
    const opened = openBlob(repository.key, location, await readSealed(repository, location));
    if (typeof opened !== 'string') return opened;
    fault = opened;
  }
  const code = locations.length === 0 ? 'BLOB_MISSING' : 'BLOB_DAMAGED';
  throw new PlatformError(code, `the data blob ${id} cannot be read: ${fault}`);
}

/** A pack that is gone or too short makes for an empty blob, which has no valid tag: the next copy is tried. */
async function readSealed({ storage }: Repository, { pack, offset, length }: BlobLocation): Promise<Buffer> {
  try {
    return await storage.get('data', pack, { offset, length });
  } catch (error) {
    const gone = error instanceof PlatformError && ['STORAGE_FILE_MISSING', 'FILE_DAMAGED'].includes(error.code);
    if (gone) return Buffer.alloc(0);
    throw error;
  }
}
