import { PlatformError } from '@enterprise-backup/contracts/errors';
import { asBlobId, type BlobId } from '../format/blob.ts';
import { idDigits, scanTree } from '../format/tree-scanner.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import { describeBlob } from '../open-blob.ts';
import { decodeNodes, type TreeReader } from '../tree/tree-reader.ts';

/** Which blobs snapshots need: one bit for each number of a blob. */
export class UsedBlobs {
  readonly #blobs: BlobIndex;
  readonly #trees: TreeReader;
  readonly #pauses: Pauses;
  #bits = new Uint8Array(1024);

  constructor(blobs: BlobIndex, trees: TreeReader, pauses: Pauses) {
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
   * Throws BLOB_MISSING for a blob that no index file speaks of, TREE_DAMAGED, TREE_HOSTILE, CANCELLED, or a STORAGE_ error; what
   * was added is incomplete then, and of no use any more.
   */
  async addTree(tree: BlobId, onNew: (number: number) => void = () => undefined): Promise<void> {
    if (!this.#add(this.#numberOf('tree', tree), onNew)) return;
    await this.#pauses.pauseIfDue();
    for (const subtree of this.#addContent(tree, await this.#trees.readPlaintext(tree), onNew)) {
      await this.addTree(subtree, onNew);
    }
  }

  /** Adds the blobs of a folder's files and returns the trees in it that were not added yet. */
  #addContent(tree: BlobId, json: Buffer, onNew: (number: number) => void): BlobId[] {
    const subtrees: BlobId[] = [];
    const references = scanTree(json);
    if (references === null) {
      for (const { content, subtree } of decodeNodes(tree, json)) {
        for (const id of content ?? []) this.#add(this.#numberOf('data', id), onNew);
        if (subtree !== null) subtrees.push(subtree);
      }
      return subtrees;
    }
    for (const at of references.content) this.#add(this.#numberAt('data', json, at), onNew);
    for (const at of references.subtrees) {
      if (!this.has(this.#numberAt('tree', json, at))) subtrees.push(idAt(json, at));
    }
    return subtrees;
  }

  /** As `#numberOf`, for an id that stands at a place in a tree: its text is made only for the sentence of a failure. */
  #numberAt(type: 'data' | 'tree', json: Buffer, at: number): number {
    const number = this.#blobs.numberOfDigits(type, json, at);
    return number === -1 ? this.#numberOf(type, idAt(json, at)) : number;
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

function idAt(json: Buffer, at: number): BlobId {
  return asBlobId(json.toString('latin1', at, at + idDigits));
}
