import { readPacks } from '../checker/read-packs.ts';
import { isDamage } from '../damage.ts';
import type { BlobId, PackId } from '../format/blob.ts';
import type { SnapshotEntry } from '../format/snapshot.ts';
import { decodeTree } from '../format/tree.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import { listIndexedPacks, type IndexSurvey } from '../index/index-survey.ts';
import type { Pauses } from '../pauses.ts';
import type { ProgressReporter } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { TreeReader } from '../tree/tree-reader.ts';

/** Where to look for damage. */
export interface DamageSearch {
  /** Reads every pack whole; otherwise packs are compared by size, and trees are read. */
  readonly readData: boolean;
  readonly signal: AbortSignal;
  readonly pauses: Pauses;
  readonly progress: ProgressReporter;
}

/**
 * Finds listed packs that are gone, have a wrong size, hold a tree that some snapshot needs and that cannot be read there,
 * or, when data is read, hold anything wrong. Returns what is wrong with each, as a sentence. Throws CANCELLED or a STORAGE_
 * error.
 */
export async function findDamagedPacks(
  repository: Repository,
  survey: IndexSurvey,
  index: BlobIndex,
  snapshots: readonly SnapshotEntry[],
  search: DamageSearch,
): Promise<Map<PackId, string>> {
  const { files, listed, stored } = survey;
  const damaged = new Map<PackId, string>();
  for (const [id, { size }] of listed) {
    const found = stored.get(id);
    if (found === undefined) damaged.set(id, `the pack ${id} is missing`);
    else if (found !== size) damaged.set(id, `the pack ${id} has ${found} bytes, expected are ${size}`);
  }
  const trees = new TreeSearch(repository, index, search.pauses);
  for (const { snapshot } of snapshots) await trees.visit(snapshot.tree);
  for (const [id, tree] of trees.unreadable) {
    if (!damaged.has(id)) damaged.set(id, `the pack ${id} holds the tree ${tree}, which cannot be read there`);
  }
  if (!search.readData) return damaged;

  const isUnread = (id: PackId) => !damaged.has(id) && stored.has(id);
  const unread = [...listed.keys()].filter(isUnread);
  const bytes = unread.reduce((sum, id) => sum + (stored.get(id) ?? 0), 0);
  search.progress.expect(bytes, unread.length);
  search.progress.enter('reading', true);
  await readPacks(repository, listIndexedPacks(repository, files, isUnread), search.signal, ({ id }, faults) => {
    search.progress.add(stored.get(id) ?? 0, 1);
    const [fault] = [...faults.faults, ...faults.blobs.map(({ blob, reason }) => `the blob ${blob.id}: ${reason}`)];
    if (fault !== undefined) damaged.set(id, `the pack ${id} is damaged: ${fault}`);
  });
  return damaged;
}

/** Reads all trees that snapshots reach, and notes the packs that hold one which cannot be read from any of them. */
class TreeSearch {
  readonly unreadable = new Map<PackId, BlobId>();
  readonly #trees: TreeReader;
  readonly #index: BlobIndex;
  readonly #pauses: Pauses;
  readonly #seen = new Set<BlobId>();

  constructor(repository: Repository, index: BlobIndex, pauses: Pauses) {
    this.#trees = new TreeReader(repository, index);
    this.#index = index;
    this.#pauses = pauses;
  }

  async visit(tree: BlobId): Promise<void> {
    await this.#pauses.pauseIfDue();
    if (this.#seen.has(tree)) return;
    this.#seen.add(tree);
    let plaintext: Buffer;
    try {
      plaintext = await this.#trees.readPlaintext(tree);
    } catch (error) {
      if (!isDamage(error)) throw error;
      for (const { pack } of this.#index.findAll('tree', tree)) this.unreadable.set(pack, tree);
      return;
    }
    const nodes = decodeTree(plaintext);
    // A tree that is wrong although it matches its id was stored so: its pack is not at fault.
    if ('fault' in nodes) return;
    for (const { subtree } of nodes) if (subtree !== null) await this.visit(subtree);
  }
}
