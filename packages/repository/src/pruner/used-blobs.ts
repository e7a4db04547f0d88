import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { BlobId } from '../format/blob.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import { describeBlob } from '../open-blob.ts';
import type { TreeSource } from '../tree/tree-reader.ts';

/** Which blobs snapshots need: one bit for each number of a blob. */
export class UsedBlobs {
  readonly #blobs: BlobIndex;
  readonly #trees: TreeSource;
  readonly #pauses: Pauses;
  #bits = new Uint8Array(1024);

  constructor(blobs: BlobIndex, trees: TreeSource, pauses: Pauses) {
    this.#blobs = blobs;
    this.#trees = trees;
    this.#pauses = pauses;
  }

  /** Tells whether a blob is needed by a tree that was added. */
  has(number: number): boolean {
    return ((this.#bits[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  /**
   * Adds a tree and all that it reaches, each tree once. `onNew` is told the number of each blob that was not needed before.
   * Throws BLOB_MISSING for a blob that no index file speaks of, TREE_DAMAGED, TREE_HOSTILE, CANCELLED, or a STORAGE_ error.
   */
  async addTree(tree: BlobId, onNew: (number: number) => void = () => undefined): Promise<void> {
    await this.#pauses.pauseIfDue();
    if (!this.#add(this.#numberOf('tree', tree), onNew)) return;
    for (const node of await this.#trees.read(tree)) {
      for (const id of node.content ?? []) this.#add(this.#numberOf('data', id), onNew);
      if (node.subtree !== null) await this.addTree(node.subtree, onNew);
    }
  }

  #numberOf(type: 'data' | 'tree', id: BlobId): number {
    const number = this.#blobs.numberOf(type, id);
    if (number === -1) throw new PlatformError('BLOB_MISSING', `${describeBlob(type, id)} is needed and in no index`);
    return number;
  }

  #add(number: number, onNew: (number: number) => void): boolean {
    if (this.has(number)) return false;
    const at = number >>> 3;
    if (at >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (number & 7));
    onNew(number);
    return true;
  }
}
