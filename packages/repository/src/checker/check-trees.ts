import { isDamage } from '../damage.ts';
import type { BlobId, BlobType } from '../format/blob.ts';
import type { TreeNode } from '../format/tree.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import { plainLength } from '../restorer/plain-length.ts';
import { displayPath } from '../display-path.ts';
import type { TreeSource } from '../tree/tree-reader.ts';
import type { Findings } from './findings.ts';

/** Checks all that snapshots reach: each tree once, each blob of each file against the index. */
export class TreeChecker {
  readonly #trees: TreeSource;
  readonly #index: BlobIndex;
  readonly #marked: BlobIndex;
  readonly #findings: Findings;
  readonly #pauses: Pauses;
  readonly #seen = new Set<BlobId>();
  readonly #missing = new Set<BlobId>();

  /** `marked` has the blobs of packs that a prune has taken out of the index and not deleted yet. */
  constructor(trees: TreeSource, index: BlobIndex, marked: BlobIndex, findings: Findings, pauses: Pauses) {
    this.#trees = trees;
    this.#index = index;
    this.#marked = marked;
    this.#findings = findings;
    this.#pauses = pauses;
  }

  /** Checks a tree and all below it, save what was checked before. */
  async check(tree: BlobId): Promise<void> {
    await this.#pauses.pauseIfDue();
    if (this.#seen.has(tree)) return;
    this.#seen.add(tree);
    const blobs = [{ type: 'tree', id: tree }] as const;
    let nodes: readonly TreeNode[];
    try {
      nodes = await this.#trees.read(tree);
    } catch (error) {
      if (!isDamage(error)) throw error;
      const code = error.code === 'BLOB_MISSING' || error.code === 'TREE_HOSTILE' ? error.code : 'TREE_DAMAGED';
      const advice = error.code === 'BLOB_MISSING' ? this.#markOf('tree', tree) : '';
      this.#findings.add(code, 'error', `${error.message}${advice}`, { blobs });
      return;
    }
    if (!nodes.every((node, at) => at === 0 || Buffer.compare((nodes[at - 1] as TreeNode).name, node.name) < 0)) {
      this.#findings.add('TREE_UNSORTED', 'harmless', `the tree ${tree} is not sorted by name`, { blobs });
    }
    for (const node of nodes) {
      if (node.subtree !== null) await this.check(node.subtree);
      if (node.type === 'file') this.#checkFile(tree, node);
    }
  }

  #checkFile(tree: BlobId, node: TreeNode): void {
    let size = 0;
    let whole = true;
    for (const id of node.content ?? []) {
      const location = this.#index.find('data', id);
      if (location !== null) {
        size += plainLength(location);
        continue;
      }
      whole = false;
      if (this.#missing.has(id)) continue;
      this.#missing.add(id);
      const message = `the data blob ${id} is in no index${this.#markOf('data', id)}`;
      this.#findings.add('BLOB_MISSING', 'error', message, { blobs: [{ type: 'data', id }] });
    }
    if (!whole || size === node.size) return;
    const message = `${displayPath(node.name)} is noted with ${node.size} bytes and has ${size}`;
    const about = { blobs: [{ type: 'tree', id: tree }], entry: node.name } as const;
    this.#findings.add('FILE_SIZE_WRONG', 'error', message, about);
  }

  /** What helps when no more than a listing is missing, as the end of a sentence; empty when that is not so. */
  #markOf(type: BlobType, id: BlobId): string {
    const place = this.#marked.find(type, id);
    if (place === null) return '';
    return `, but prune has marked the pack ${place.pack} that holds it: run prune within its grace, which lists it again`;
  }
}
