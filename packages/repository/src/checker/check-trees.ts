import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { BlobId } from '../format/blob.ts';
import type { SnapshotEntry } from '../format/snapshot.ts';
import type { TreeNode } from '../format/tree.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import { plainLength } from '../restorer/plain-length.ts';
import { displayPath } from '../skipped-items.ts';
import type { TreeReader } from '../tree/tree-reader.ts';
import { affectedNamed, type Finding } from './finding.ts';

/** Checks all that snapshots reach: each tree once, each blob of each file against the index. */
export class TreeChecker {
  readonly #trees: TreeReader;
  readonly #index: BlobIndex;
  readonly #pauses: Pauses;
  readonly #seen = new Set<BlobId>();
  readonly findings: Finding[] = [];

  constructor(trees: TreeReader, index: BlobIndex, pauses: Pauses) {
    this.#trees = trees;
    this.#index = index;
    this.#pauses = pauses;
  }

  /** Checks what a snapshot reaches, save what an earlier one reached. */
  async check({ id, snapshot }: SnapshotEntry): Promise<void> {
    await this.#checkTree(snapshot.tree, `${id.slice(0, 8)}:`, Buffer.alloc(0));
  }

  async #checkTree(tree: BlobId, point: string, path: Buffer): Promise<void> {
    await this.#pauses.pauseIfDue();
    if (this.#seen.has(tree)) return;
    this.#seen.add(tree);
    let nodes: readonly TreeNode[];
    try {
      nodes = await this.#trees.read(tree);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      // Every copy was tried. A pack that is gone or too short is damage; a storage that does not answer is not.
      const isDamage = error.kind === 'damage' || error.code === 'STORAGE_FILE_MISSING';
      if (!isDamage) throw error;
      const code = error.code === 'BLOB_MISSING' || error.code === 'TREE_HOSTILE' ? error.code : 'TREE_DAMAGED';
      this.#report(code, 'error', error.message, point, path.byteLength === 0 ? Buffer.from('/') : path);
      return;
    }
    if (!nodes.every((node, at) => at === 0 || Buffer.compare((nodes[at - 1] as TreeNode).name, node.name) < 0)) {
      this.#report('TREE_UNSORTED', 'harmless', `the tree ${tree} is not sorted by name`, point, path);
    }
    for (const node of nodes) {
      const nodePath = Buffer.concat([path, Buffer.from('/'), node.name]);
      if (node.subtree !== null) await this.#checkTree(node.subtree, point, nodePath);
      if (node.type === 'file') this.#checkFile(node, point, nodePath);
    }
  }

  #checkFile(node: TreeNode, point: string, path: Buffer): void {
    let size = 0;
    for (const id of node.content ?? []) {
      const location = this.#index.find('data', id);
      if (location === null) {
        this.#report('BLOB_MISSING', 'error', `the data blob ${id} is in no index`, point, path);
        return;
      }
      size += plainLength(location);
    }
    if (size !== node.size) {
      this.#report('FILE_SIZE_WRONG', 'error', `a file is noted with ${node.size} bytes and has ${size}`, point, path);
    }
  }

  #report(code: Finding['code'], severity: Finding['severity'], message: string, point: string, path: Buffer): void {
    this.findings.push({ code, severity, message, affected: [`${point}${displayPath(path)}`] });
  }
}

/** Names the files that hold any of these blobs, per blob, as `<snapshot>:<path>`. */
export async function findAffected(
  trees: TreeReader,
  snapshots: readonly SnapshotEntry[],
  blobs: ReadonlySet<BlobId>,
  pauses: Pauses,
): Promise<Map<BlobId, string[]>> {
  const affected = new Map<BlobId, string[]>();
  const seen = new Set<BlobId>();
  const note = (blob: BlobId, point: string, path: Buffer) => {
    const named = affected.get(blob) ?? [];
    if (named.length < affectedNamed) named.push(`${point}${displayPath(path)}`);
    affected.set(blob, named);
  };
  const visit = async (tree: BlobId, point: string, path: Buffer): Promise<void> => {
    await pauses.pauseIfDue();
    if (blobs.has(tree)) note(tree, point, path);
    if (seen.has(tree)) return;
    seen.add(tree);
    const nodes = await trees.read(tree).catch(() => []);
    for (const node of nodes) {
      const nodePath = Buffer.concat([path, Buffer.from('/'), node.name]);
      for (const id of node.content ?? []) if (blobs.has(id)) note(id, point, nodePath);
      if (node.subtree !== null) await visit(node.subtree, point, nodePath);
    }
  };
  for (const { id, snapshot } of snapshots) await visit(snapshot.tree, `${id.slice(0, 8)}:`, Buffer.alloc(0));
  return affected;
}
