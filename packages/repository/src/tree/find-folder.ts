import type { BlobId } from '../format/blob.ts';
import type { TreeNode } from '../format/tree.ts';
import type { TreeReader } from './tree-reader.ts';

/** A folder inside a snapshot. `node` describes the folder itself; null for the root, which no tree describes. */
export interface FoundFolder {
  readonly tree: BlobId;
  readonly node: TreeNode | null;
}

/** Finds a folder by its absolute path inside a snapshot. Returns null when the snapshot does not hold that folder. */
export async function findFolder(trees: TreeReader, root: BlobId, path: string): Promise<FoundFolder | null> {
  let found: FoundFolder = { tree: root, node: null };
  for (const name of path.split('/').filter((part) => part !== '')) {
    const wanted = Buffer.from(name);
    const node = (await trees.read(found.tree)).find((entry) => entry.name.equals(wanted));
    if (node?.type !== 'dir' || node.subtree === null) return null;
    found = { tree: node.subtree, node };
  }
  return found;
}
