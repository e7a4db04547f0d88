import { isDamage } from '../damage.ts';
import type { BlobId } from '../format/blob.ts';
import type { TreeNode } from '../format/tree.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import type { BlobName } from '../repairer/salvage.ts';
import type { TreeSource } from '../tree/tree-reader.ts';

/** Reads trees from a repository, and from its second copy those that cannot be read there. */
export class FallbackTrees implements TreeSource {
  readonly #first: TreeSource;
  readonly #second: TreeSource;

  constructor(first: TreeSource, second: TreeSource) {
    this.#first = first;
    this.#second = second;
  }

  async read(id: BlobId): Promise<readonly TreeNode[]> {
    try {
      return await this.#first.read(id);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return this.#second.read(id);
    }
  }
}

/**
 * Walks what snapshots need and tells of each blob that is not among the known ones, once. A tree that cannot be read
 * anywhere is told and not entered.
 */
export class NeededBlobs {
  readonly #trees: TreeSource;
  readonly #known: BlobIndex;
  readonly #pauses: Pauses;
  readonly #onMissing: (blob: BlobName) => Promise<void>;
  readonly #seen = new Set<BlobId>();

  /** `known` gets every blob that is told. */
  constructor(trees: TreeSource, known: BlobIndex, pauses: Pauses, onMissing: (blob: BlobName) => Promise<void>) {
    this.#trees = trees;
    this.#known = known;
    this.#pauses = pauses;
    this.#onMissing = onMissing;
  }

  /** Walks a tree with all below it. Throws CANCELLED or a STORAGE_ error. */
  async visit(tree: BlobId): Promise<void> {
    await this.#pauses.pauseIfDue();
    if (this.#seen.has(tree)) return;
    this.#seen.add(tree);
    await this.#look({ type: 'tree', id: tree });
    let nodes: readonly TreeNode[];
    try {
      nodes = await this.#trees.read(tree);
    } catch (error) {
      if (isDamage(error)) return;
      throw error;
    }
    for (const { content, subtree } of nodes) {
      for (const id of content ?? []) await this.#look({ type: 'data', id });
      if (subtree !== null) await this.visit(subtree);
    }
  }

  async #look(blob: BlobName): Promise<void> {
    if (this.#known.claim(blob.type, Buffer.from(blob.id, 'hex'))) await this.#onMissing(blob);
  }
}
