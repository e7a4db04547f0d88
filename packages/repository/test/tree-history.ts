import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { asBlobId, hashBytes, type BlobId } from '../src/format/blob.ts';
import { toNodeMode } from '../src/format/node-mode.ts';
import { encodeNode, type TreeNode } from '../src/format/tree.ts';
import { TreeWriter } from '../src/archiver/tree-writer.ts';
import { IndexWriter } from '../src/index/index-writer.ts';
import { loadIndex } from '../src/index/load-index.ts';
import type { Repository } from '../src/repository.ts';
import { saveSnapshot } from '../src/snapshots.ts';
import { snapshotOf } from './crafted-repository.ts';

/** A file of the model. `content` stands for its bytes, `mtime` in seconds since 1970. */
export interface ModelFile {
  readonly size: number;
  readonly mtime: number;
  readonly content: string;
  readonly mode: number;
}

interface ModelFolder {
  readonly entries: Map<string, ModelFolder | ModelFile>;
  /** Its stored tree, while nothing in it has changed. */
  tree: BlobId | null;
}

/** Folders and files that change from snapshot to snapshot, stored as trees without any data. */
export class TreeHistory {
  readonly #repository: Repository;
  readonly #root: ModelFolder = { entries: new Map(), tree: null };
  readonly #start = Date.UTC(2026, 0, 1);
  #points = 0;
  #writer: { readonly trees: TreeWriter; readonly index: IndexWriter } | null = null;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Puts a file at an absolute path, with the folders above it; null removes what is there. */
  set(path: string, file: ModelFile | null): void {
    const parts = path.split('/').filter((part) => part !== '');
    const name = parts.pop() ?? '';
    let folder = this.#root;
    folder.tree = null;
    for (const part of parts) {
      const found = folder.entries.get(part);
      const next = found !== undefined && 'entries' in found ? found : { entries: new Map(), tree: null };
      folder.entries.set(part, next);
      next.tree = null;
      folder = next;
    }
    if (file === null) folder.entries.delete(name);
    else folder.entries.set(name, file);
  }

  /** All files by their absolute paths. */
  *files(folder = this.#root, path = ''): Generator<readonly [string, ModelFile]> {
    for (const [name, entry] of folder.entries) {
      if ('entries' in entry) yield* this.files(entry, `${path}/${name}`);
      else yield [`${path}/${name}`, entry];
    }
  }

  /** Stores the present state as a snapshot, a day after the one before. */
  async save(): Promise<SnapshotId> {
    this.#writer ??= await this.#open();
    const tree = await this.#store(this.#root);
    await this.#writer.trees.flush();
    await this.#writer.index.flush();
    const time = new Date(this.#start + this.#points * 86_400_000).toISOString();
    this.#points += 1;
    return saveSnapshot(this.#repository, { ...snapshotOf(tree), time });
  }

  async #open(): Promise<{ readonly trees: TreeWriter; readonly index: IndexWriter }> {
    const index = new IndexWriter(this.#repository);
    const known = await loadIndex(this.#repository);
    return { index, trees: new TreeWriter(this.#repository, known, (contents) => index.add(contents)) };
  }

  async #store(folder: ModelFolder): Promise<BlobId> {
    if (folder.tree !== null) return folder.tree;
    const nodes: TreeNode[] = [];
    for (const [name, entry] of [...folder.entries].sort(([left], [right]) => (left < right ? -1 : 1))) {
      nodes.push('entries' in entry ? folderNode(name, await this.#store(entry)) : fileNode(name, entry));
    }
    folder.tree = (await this.#writer?.trees.write(nodes.map(encodeNode))) ?? null;
    if (folder.tree === null) throw new Error('there is a writer while a point is saved');
    return folder.tree;
  }
}

const common = {
  ctime: '2026-01-01T00:00:00Z',
  atime: '2026-01-01T00:00:00Z',
  uid: 0,
  gid: 0,
  user: 'root',
  group: 'root',
  inode: 0n,
  deviceId: 0n,
  links: 1,
  linkTarget: Buffer.alloc(0),
  extendedAttributes: [],
  genericAttributes: '',
  device: 0,
  error: '',
};

function fileNode(name: string, { size, mtime, content, mode }: ModelFile): TreeNode {
  return {
    ...common,
    name: Buffer.from(name),
    type: 'file',
    mode,
    mtime: new Date(mtime * 1000).toISOString(),
    size,
    content: [asBlobId(hashBytes(Buffer.from(content)).toString('hex'))],
    subtree: null,
  };
}

function folderNode(name: string, subtree: BlobId): TreeNode {
  const mode = toNodeMode('dir', 0o755);
  const mtime = '2026-01-01T00:00:00Z';
  return { ...common, name: Buffer.from(name), type: 'dir', mode, mtime, size: 0, content: null, subtree };
}
