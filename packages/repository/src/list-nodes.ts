import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import type { BlobId } from './format/blob.ts';
import type { TreeNode } from './format/tree.ts';
import { loadIndex } from './index/load-index.ts';
import type { Repository } from './repository.ts';
import { displayPath } from './display-path.ts';
import { loadSnapshot } from './snapshots.ts';
import { findFolder } from './tree/find-folder.ts';
import { TreeReader } from './tree/tree-reader.ts';

/** An entry of a snapshot for a person. `mode` is Go's os.FileMode, `size` in bytes, `mtime` RFC 3339. */
export interface ListedNode {
  /** Absolute inside the snapshot; bytes that are not text are escaped. */
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly mtime: string;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  readonly linkTarget: string | null;
}

/**
 * Lists what a folder of a snapshot holds, with all below it, in the order of the trees. Takes no lock: it only reads.
 * Throws SNAPSHOT_NOT_FOUND, SNAPSHOT_PATH_NOT_FOUND, BLOB_MISSING, TREE_DAMAGED, TREE_HOSTILE or a STORAGE_ error.
 */
export async function* listNodes(
  repository: Repository,
  snapshot: SnapshotId,
  folder = '/',
): AsyncGenerator<ListedNode> {
  const { tree } = await loadSnapshot(repository, snapshot);
  const trees = new TreeReader(repository, await loadIndex(repository));
  const found = await findFolder(trees, tree, folder);
  if (found === null) {
    throw new PlatformError('SNAPSHOT_PATH_NOT_FOUND', `the snapshot ${snapshot} holds no folder ${folder}`);
  }
  yield* listTree(trees, found.tree, Buffer.from(folder === '/' ? '' : folder.replace(/\/+$/, '')));
}

async function* listTree(trees: TreeReader, tree: BlobId, folder: Buffer): AsyncGenerator<ListedNode> {
  for (const node of await trees.read(tree)) {
    const path = Buffer.concat([folder, Buffer.from('/'), node.name]);
    yield describe(node, path);
    if (node.subtree !== null) yield* listTree(trees, node.subtree, path);
  }
}

function describe(node: TreeNode, path: Buffer): ListedNode {
  const { type, mode, size, mtime, uid, gid, user, group, linkTarget } = node;
  return {
    path: displayPath(path),
    type,
    mode,
    size,
    mtime,
    uid,
    gid,
    user,
    group,
    linkTarget: type === 'symlink' ? displayPath(linkTarget) : null,
  };
}
