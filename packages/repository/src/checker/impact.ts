import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { isDamage } from '../damage.ts';
import type { BlobId, BlobType } from '../format/blob.ts';
import type { SnapshotEntry } from '../format/snapshot.ts';
import type { TreeNode } from '../format/tree.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import { displayPath } from '../display-path.ts';
import type { TreeSource } from '../tree/tree-reader.ts';

/** Names of affected files and folders that are kept. */
const namesKept = 20;

/** What the damage of some blobs touches. */
export interface Impact {
  readonly points: Set<SnapshotId>;
  /** The first files and folders, in the form `<snapshot>:<path>`. */
  readonly names: string[];
  /** An entry of the damaged tree that alone is meant; null means the tree. */
  readonly entry: Buffer | null;
}

/** An impact of nothing yet. */
export function noImpact(entry: Buffer | null = null): Impact {
  return { points: new Set(), names: [], entry };
}

/** Which blobs matter, and where to note what they touch. */
export interface ImpactQuery {
  /** By `blobKey`. */
  readonly blobs: ReadonlyMap<string, readonly Impact[]>;
  /** For blobs that are in no index. */
  readonly unlisted: readonly Impact[];
}

/** Identifies a blob among blobs of both types. */
export function blobKey(type: BlobType, id: BlobId): string {
  return `${type} ${id}`;
}

const nothing: readonly Impact[] = [];

/**
 * Finds the snapshots, files and folders that damaged or missing blobs touch. Each tree is looked at once, however many
 * snapshots hold it; only paths that lead to damage are walked for their names, and only while a name is still wanted.
 * A tree that cannot be read counts as one without entries.
 */
export class ImpactFinder {
  readonly #trees: TreeSource;
  readonly #index: BlobIndex;
  readonly #query: ImpactQuery;
  readonly #pauses: Pauses;
  /** What lies in or below a tree. */
  readonly #below = new Map<BlobId, readonly Impact[]>();

  constructor(trees: TreeSource, index: BlobIndex, query: ImpactQuery, pauses: Pauses) {
    this.#trees = trees;
    this.#index = index;
    this.#query = query;
    this.#pauses = pauses;
  }

  /** Adds what a snapshot holds of it to the impacts of the query. */
  async add({ id, snapshot }: SnapshotEntry): Promise<void> {
    for (const impact of await this.#search(snapshot.tree)) impact.points.add(id);
    await this.#name(snapshot.tree, `${id.slice(0, 8)}:`, Buffer.alloc(0));
  }

  async #search(tree: BlobId): Promise<readonly Impact[]> {
    const known = this.#below.get(tree);
    if (known !== undefined) return known;
    await this.#pauses.pauseIfDue();
    const found = new Set(this.#of('tree', tree));
    let only: readonly Impact[] = nothing;
    for (const node of await this.#read(tree)) {
      for (const impact of this.#ofContent(node)) found.add(impact);
      if (node.subtree === null) continue;
      only = await this.#search(node.subtree);
      for (const impact of only) found.add(impact);
    }
    // Most trees hold nothing, or what one subtree holds: those share a list.
    const below = found.size === 0 ? nothing : found.size === only.length ? only : [...found];
    this.#below.set(tree, below);
    return below;
  }

  async #name(tree: BlobId, point: string, path: Buffer): Promise<void> {
    if (!(this.#below.get(tree) ?? nothing).some(wantsName)) return;
    await this.#pauses.pauseIfDue();
    note(this.#of('tree', tree), point, path);
    for (const node of await this.#read(tree)) {
      const nodePath = Buffer.concat([path, Buffer.from('/'), node.name]);
      note(this.#ofContent(node), point, nodePath);
      if (node.subtree !== null) await this.#name(node.subtree, point, nodePath);
    }
  }

  #ofContent(node: TreeNode): ReadonlySet<Impact> {
    const found = new Set<Impact>();
    for (const id of node.content ?? []) for (const impact of this.#of('data', id)) found.add(impact);
    return found;
  }

  #of(type: BlobType, id: BlobId): readonly Impact[] {
    const asked = this.#query.blobs.get(blobKey(type, id)) ?? nothing;
    if (this.#query.unlisted.length === 0 || this.#index.find(type, id) !== null) return asked;
    return [...asked, ...this.#query.unlisted];
  }

  async #read(tree: BlobId): Promise<readonly TreeNode[]> {
    try {
      return await this.#trees.read(tree);
    } catch (error) {
      if (isDamage(error)) return [];
      throw error;
    }
  }
}

function wantsName(impact: Impact): boolean {
  return impact.names.length < namesKept;
}

function note(impacts: Iterable<Impact>, point: string, path: Buffer): void {
  for (const impact of impacts) {
    if (!wantsName(impact)) continue;
    const meant = impact.entry === null ? path : Buffer.concat([path, Buffer.from('/'), impact.entry]);
    impact.names.push(`${point}${meant.byteLength === 0 ? '/' : displayPath(meant)}`);
  }
}
