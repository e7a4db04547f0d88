import { readdirSync } from 'node:fs';
import type { PathFilter } from '../filter/match-patterns.ts';
import type { BlobId } from '../format/blob.ts';
import { nodeTypeOf } from '../format/node-mode.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import { statPath, type FileStat } from '../posix/file-stat.ts';
import { decodeNodes, type TreeReader } from '../tree/tree-reader.ts';
import { throwIfStopped } from '../worker/serve-requests.ts';
import type { ComparedFolder, Comparison, UnchangedFolder } from './file-messages.ts';
import { ParentFolder } from './parent-folder.ts';

/** Entries after which folders that were found are left to the next request: other threads may take them. */
const entriesPerComparison = 4000;
/** So many are left at most: of a folder that holds a million others the list would take the memory. */
const mostRest = 4096;
const namesBetweenStops = 256;

/**
 * Compares folders with the parent snapshot, in a thread, and changes nothing. What has changed, cannot be read or is to be
 * reported in any way makes its folder a changed one: the walk looks at it again and does what there is to do.
 */
export class FolderComparer {
  readonly #index: BlobIndex;
  readonly #parentTrees: TreeReader;
  readonly #source: string;
  readonly #excluded: PathFilter | null;
  #unchanged: UnchangedFolder[] = [];
  #rest: ComparedFolder[] = [];
  #entries = 0;

  /** `source` is the protected folder, a byte in each character; `excluded` is null when nothing is left out. */
  constructor(index: BlobIndex, parentTrees: TreeReader, source: string, excluded: PathFilter | null) {
    this.#index = index;
    this.#parentTrees = parentTrees;
    this.#source = source;
    this.#excluded = excluded;
  }

  /** Throws BLOB_MISSING, TREE_DAMAGED or TREE_HOSTILE for a tree of the parent. */
  async compare(folders: readonly ComparedFolder[]): Promise<Comparison> {
    this.#unchanged = [];
    this.#rest = [];
    this.#entries = 0;
    for (const folder of folders) {
      const unchanged = await this.#compare(folder);
      if (unchanged !== null) this.#unchanged.push(unchanged);
    }
    return { unchanged: this.#unchanged, rest: this.#rest };
  }

  /** Null when the folder has changed, or not all below it was looked at. */
  async #compare(folder: ComparedFolder): Promise<UnchangedFolder | null> {
    if (this.#entries >= entriesPerComparison && this.#rest.length < mostRest) {
      this.#rest.push(folder);
      return null;
    }
    const { path, tree } = folder;
    const plaintext = await this.#parentTrees.readPlaintext(tree);
    const names = listFolder(path);
    if (names === null) return null;
    this.#entries += names.length + 1;
    const before = new ParentFolder(plaintext);
    let subtrees: ReadonlyMap<string, BlobId> | null = null;
    let same = true;
    let files = 0;
    let bytes = 0;
    const below: UnchangedFolder[] = [];
    for (const [at, name] of names.entries()) {
      if (at % namesBetweenStops === 0) throwIfStopped();
      const entry = path === '/' ? `/${name}` : `${path}/${name}`;
      const stat = look(entry);
      const type = stat === null ? null : nodeTypeOf(stat.mode);
      if (stat === null || type === null) {
        same = false;
        continue;
      }
      if (this.#isExcluded(entry, type === 'dir')) continue;
      const node = before.take(name, type, stat);
      if (node === null || !node.isStoredIn(this.#index)) same = false;
      if (type === 'file') {
        files += 1;
        bytes += stat.size;
      }
      if (type !== 'dir') continue;
      if (node === null) subtrees ??= subtreesOf(tree, plaintext);
      const subtree = node === null ? subtrees?.get(name) : node.subtree;
      if (subtree === undefined || subtree === null) {
        same = false;
        continue;
      }
      const unchanged = await this.#compare({ path: entry, tree: subtree });
      if (unchanged === null) same = false;
      else below.push(unchanged);
    }
    if (!same || !before.allTaken) {
      for (const unchanged of below) this.#unchanged.push(unchanged);
      return null;
    }
    const all = { path, tree, files, folders: below.length, bytes };
    for (const inner of below) {
      all.files += inner.files;
      all.folders += inner.folders;
      all.bytes += inner.bytes;
    }
    return all;
  }

  #isExcluded(path: string, isFolder: boolean): boolean {
    if (this.#excluded === null) return false;
    const relative = path.slice(this.#source === '/' ? 1 : this.#source.length + 1);
    return this.#excluded(Buffer.from(relative, 'latin1').toString(), isFolder);
  }
}

/** The trees of the folders that a folder of the parent holds, by their names. */
function subtreesOf(tree: BlobId, plaintext: Buffer): ReadonlyMap<string, BlobId> {
  const subtrees = new Map<string, BlobId>();
  for (const { name, subtree } of decodeNodes(tree, plaintext)) {
    if (subtree !== null) subtrees.set(name.toString('latin1'), subtree);
  }
  return subtrees;
}

/** The names in a folder, a byte in each character, in ascending order; null when it cannot be read. */
function listFolder(path: string): string[] | null {
  try {
    return readdirSync(Buffer.from(path, 'latin1'), { encoding: 'latin1' }).sort();
  } catch {
    return null;
  }
}

function look(path: string): FileStat | null {
  try {
    return statPath(path);
  } catch {
    return null;
  }
}
