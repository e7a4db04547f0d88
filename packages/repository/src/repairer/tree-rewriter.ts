import { blobKey } from '../checker/impact.ts';
import { isDamage } from '../damage.ts';
import { emptyTree, encodeTree, type TreeNode } from '../format/tree.ts';
import { hashBytes, type BlobId } from '../format/blob.ts';
import { blobIdOf, type BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import { plainLength } from '../restorer/plain-length.ts';
import { displayPath } from '../display-path.ts';
import type { TreeSource } from '../tree/tree-reader.ts';
import type { LostEntry } from './repair-plan.ts';

/** Lost entries that are named. */
export const lostNamed = 100;

/** Takes a tree that was made anew, in its stored form. */
export type TreeSink = (id: BlobId, plaintext: Buffer) => Promise<void>;

/** What is left of a tree, with all below it. Paths are relative to it. */
export interface RewrittenTree {
  /** The tree to use in its place; its own id when nothing is lost. */
  readonly id: BlobId;
  readonly lost: readonly { readonly path: Buffer; readonly entry: Omit<LostEntry, 'path'> }[];
  readonly lostFiles: number;
  readonly lostFolders: number;
  readonly lostBytes: number;
  readonly correctedFiles: number;
}

/**
 * Makes trees anew without what is lost, each once. A file of which one blob is in no index goes as a whole: what is left
 * of it would be wrong bytes under its name. A folder whose tree cannot be read stays, empty. Trees that have lost nothing
 * keep their id; others are written as restic writes them, without fields that it does not know.
 */
export class TreeRewriter {
  readonly #trees: TreeSource;
  readonly #index: BlobIndex;
  readonly #pauses: Pauses;
  readonly #sink: TreeSink;
  readonly #done = new Map<BlobId, RewrittenTree>();
  /** Blobs that are needed and cannot be had, by `blobKey`. */
  readonly missing = new Set<string>();

  constructor(trees: TreeSource, index: BlobIndex, pauses: Pauses, sink: TreeSink) {
    this.#trees = trees;
    this.#index = index;
    this.#pauses = pauses;
    this.#sink = sink;
  }

  /** Rewrites a tree with all below it. Throws TREE_DAMAGED, TREE_HOSTILE or BLOB_MISSING when the tree itself cannot be read. */
  async rewrite(tree: BlobId): Promise<RewrittenTree> {
    const known = this.#done.get(tree);
    if (known !== undefined) return known;
    await this.#pauses.pauseIfDue();
    const nodes: TreeNode[] = [];
    const counts = { lostFiles: 0, lostFolders: 0, lostBytes: 0, correctedFiles: 0 };
    const lost: RewrittenTree['lost'][number][] = [];
    let changed = false;
    const note = (path: Buffer, entry: Omit<LostEntry, 'path'>) => {
      if (lost.length < lostNamed) lost.push({ path, entry });
    };
    for (const node of await this.#read(tree)) {
      if (node.type === 'file') {
        const { missing, size } = this.#measure(node);
        if (missing !== null) {
          counts.lostFiles += 1;
          counts.lostBytes += node.size;
          note(node.name, { type: 'file', size: node.size, reason: `its data blob ${missing} is in no index` });
        } else {
          if (size !== node.size) counts.correctedFiles += 1;
          nodes.push(size === node.size ? node : { ...node, size });
        }
        changed ||= missing !== null || size !== node.size;
      } else if (node.subtree === null) {
        nodes.push(node);
      } else {
        const below = await this.#rewriteBelow(node.subtree);
        if (typeof below === 'string') {
          counts.lostFolders += 1;
          note(node.name, { type: 'folder', size: 0, reason: below });
          nodes.push({ ...node, subtree: await this.#emptyTree() });
          changed = true;
          continue;
        }
        counts.lostFiles += below.lostFiles;
        counts.lostFolders += below.lostFolders;
        counts.lostBytes += below.lostBytes;
        counts.correctedFiles += below.correctedFiles;
        for (const { path, entry } of below.lost) note(Buffer.concat([node.name, Buffer.from('/'), path]), entry);
        nodes.push(below.id === node.subtree ? node : { ...node, subtree: below.id });
        changed ||= below.id !== node.subtree;
      }
    }
    const rewritten = { id: changed ? await this.#write(encodeTree(nodes)) : tree, lost, ...counts };
    this.#done.set(tree, rewritten);
    return rewritten;
  }

  async #read(tree: BlobId): Promise<readonly TreeNode[]> {
    try {
      return await this.#trees.read(tree);
    } catch (error) {
      if (isDamage(error)) this.missing.add(blobKey('tree', tree));
      throw error;
    }
  }

  /** Returns why a folder's tree cannot be read, as a sentence. */
  async #rewriteBelow(tree: BlobId): Promise<RewrittenTree | string> {
    try {
      return await this.rewrite(tree);
    } catch (error) {
      if (isDamage(error)) return error.message;
      throw error;
    }
  }

  #measure(node: TreeNode): { readonly missing: BlobId | null; readonly size: number } {
    let size = 0;
    let missing: BlobId | null = null;
    for (const id of node.content ?? []) {
      const location = this.#index.find('data', id);
      if (location === null) {
        missing ??= id;
        this.missing.add(blobKey('data', id));
      } else size += plainLength(location);
    }
    return { missing, size };
  }

  #emptyTree(): Promise<BlobId> {
    return this.#write(emptyTree);
  }

  async #write(plaintext: Buffer): Promise<BlobId> {
    const id = blobIdOf(hashBytes(plaintext));
    await this.#sink(id, plaintext);
    return id;
  }
}

/** A lost entry as a person reads it, below a folder of a snapshot. */
export function describeLost({ path, entry }: RewrittenTree['lost'][number]): LostEntry {
  return { path: `/${displayPath(path)}`, ...entry };
}
