import { isDamage } from '../damage.ts';
import { asBlobId, type BlobId, type BlobType } from '../format/blob.ts';
import { idDigits, scanTree, type ScannedTree } from '../format/tree-scanner.ts';
import type { TreeNode } from '../format/tree.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import { plainLengthAt } from '../restorer/plain-length.ts';
import { displayPath } from '../display-path.ts';
import { decodeNodes, type TreeReader } from '../tree/tree-reader.ts';
import type { Findings } from './findings.ts';

/** Checks all that snapshots reach: each tree once, each blob of each file against the index. */
export class TreeChecker {
  readonly #trees: TreeReader;
  readonly #index: BlobIndex;
  readonly #marked: BlobIndex;
  readonly #findings: Findings;
  readonly #pauses: Pauses;
  readonly #seen = new Set<BlobId>();
  readonly #missing = new Set<BlobId>();

  /** `marked` has the blobs of packs that a prune has taken out of the index and not deleted yet. */
  constructor(trees: TreeReader, index: BlobIndex, marked: BlobIndex, findings: Findings, pauses: Pauses) {
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
    for (const subtree of await this.#checkFolder(tree)) await this.check(subtree);
  }

  /** Checks one folder. Returns the trees of the folders in it, none where it cannot be read. */
  async #checkFolder(tree: BlobId): Promise<readonly BlobId[]> {
    try {
      const json = await this.#trees.readPlaintext(tree);
      const scanned = scanTree(json, true);
      if (scanned !== null) return this.#checkScanned(tree, json, scanned);
      return this.#checkNodes(tree, decodeNodes(tree, json));
    } catch (error) {
      if (!isDamage(error)) throw error;
      const code = error.code === 'BLOB_MISSING' || error.code === 'TREE_HOSTILE' ? error.code : 'TREE_DAMAGED';
      const advice = error.code === 'BLOB_MISSING' ? this.#markOf('tree', tree) : '';
      this.#findings.add(code, 'error', `${error.message}${advice}`, { blobs: [{ type: 'tree', id: tree }] });
      return [];
    }
  }

  /** Checks the files of a folder that could be scanned; its names are in order then. Returns its subtrees. */
  #checkScanned(tree: BlobId, json: Buffer, { files, content, subtrees }: ScannedTree): readonly BlobId[] {
    for (const { nameStart, nameEnd, size, contentStart, contentEnd } of files) {
      let found: number | null = 0;
      for (let at = contentStart; at < contentEnd; at += 1) {
        const place = content[at] as number;
        const length = this.#lengthOf(this.#index.numberOfDigits('data', json, place), () => idAt(json, place));
        found = found === null || length === null ? null : found + length;
      }
      if (found !== null && found !== size) this.#reportSize(tree, json.subarray(nameStart, nameEnd), size, found);
    }
    return subtrees.map((at) => idAt(json, at));
  }

  /** The same for any other folder. */
  #checkNodes(tree: BlobId, nodes: readonly TreeNode[]): readonly BlobId[] {
    if (!nodes.every((node, at) => at === 0 || Buffer.compare((nodes[at - 1] as TreeNode).name, node.name) < 0)) {
      const about = { blobs: [{ type: 'tree', id: tree }] } as const;
      this.#findings.add('TREE_UNSORTED', 'harmless', `the tree ${tree} is not sorted by name`, about);
    }
    for (const { type, name, size, content } of nodes) {
      if (type !== 'file') continue;
      const lengths = (content ?? []).map((id) => this.#lengthOf(this.#index.numberOf('data', id), () => id));
      if (lengths.includes(null)) continue;
      const found = lengths.reduce<number>((sum, length) => sum + (length ?? 0), 0);
      if (found !== size) this.#reportSize(tree, name, size, found);
    }
    return nodes.flatMap(({ subtree }) => subtree ?? []);
  }

  /** Size of a data blob's plaintext in bytes; null for one that is in no index, which is reported, once. */
  #lengthOf(number: number, id: () => BlobId): number | null {
    const length = number === -1 ? null : plainLengthAt(this.#index, number);
    if (length === null) this.#reportMissing(id());
    return length;
  }

  #reportMissing(id: BlobId): void {
    if (this.#missing.has(id)) return;
    this.#missing.add(id);
    const message = `the data blob ${id} is in no index${this.#markOf('data', id)}`;
    this.#findings.add('BLOB_MISSING', 'error', message, { blobs: [{ type: 'data', id }] });
  }

  #reportSize(tree: BlobId, name: Buffer, size: number, found: number): void {
    const message = `${displayPath(name)} is noted with ${size} bytes and has ${found}`;
    this.#findings.add('FILE_SIZE_WRONG', 'error', message, {
      blobs: [{ type: 'tree', id: tree }],
      entry: Buffer.from(name),
    });
  }

  /** What helps when no more than a listing is missing, as the end of a sentence; empty when that is not so. */
  #markOf(type: BlobType, id: BlobId): string {
    const place = this.#marked.find(type, id);
    if (place === null) return '';
    return `, but prune has marked the pack ${place.pack} that holds it: run prune within its grace, which lists it again`;
  }
}

function idAt(json: Buffer, at: number): BlobId {
  return asBlobId(json.toString('latin1', at, at + idDigits));
}
