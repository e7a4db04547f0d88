import { readdirSync, readlinkSync } from 'node:fs';
import type { PathFilter } from '../filter/match-patterns.ts';
import type { BlobId } from '../format/blob.ts';
import { nodeTypeOf, type NodeType } from '../format/node-mode.ts';
import { encodeNode, type TreeNode } from '../format/tree.ts';
import { scanTree } from '../format/tree-scanner.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import { listExtendedAttributes, type ExtendedAttribute } from '../posix/extended-attributes.ts';
import { statPath, type FileStat } from '../posix/file-stat.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import type { ProgressReporter } from '../progress-reporter.ts';
import type { SkippedItems } from '../skipped-items.ts';
import { decodeNodes, type TreeReader } from '../tree/tree-reader.ts';
import type { WorkerPool } from '../worker/worker-pool.ts';
import { describeNode, isUnchanged } from './describe-node.ts';
import type { Comparisons } from './comparisons.ts';
import { backUpLargeFile, largeFileSize } from './back-up-large-file.ts';
import type { FileNotice, FileRequest, FileResponse, ReadFile, UnreadFile } from './file-messages.ts';
import { reasonOf } from './open-file.ts';
import { ParentFolder, type UnchangedNode } from './parent-folder.ts';
import { ReadBatches } from './read-batches.ts';
import type { TreeWriter } from './tree-writer.ts';

/** What a walk counts. */
export interface WalkCounts {
  filesNew: number;
  filesChanged: number;
  filesUnmodified: number;
  foldersNew: number;
  foldersChanged: number;
  foldersUnmodified: number;
  bytesProcessed: number;
}

/** What a walk works with. */
export interface WalkContext {
  readonly index: BlobIndex;
  readonly files: WorkerPool<FileRequest, FileResponse, FileNotice>;
  readonly trees: TreeWriter;
  readonly parentTrees: TreeReader;
  /** Null when there is no parent. */
  readonly comparisons: Comparisons | null;
  /** Null when nothing is left out. */
  readonly excluded: PathFilter | null;
  readonly skipped: SkippedItems;
  readonly progress: ProgressReporter;
  readonly pauses: Pauses;
  readonly counts: WalkCounts;
  /** Told of bytes that were read from files. */
  readonly onBytesRead: (bytes: number) => void;
}

/** A file of a folder that has to be read, and its place among the folder's nodes. */
interface PendingFile {
  readonly name: string;
  readonly position: number;
  readonly size: number;
  readonly isNew: boolean;
}

/** The nodes of a folder in their order; null for one that is not read yet, or was left out. */
type Nodes = (string | UnchangedNode | null)[];

/** A folder whose files are being read. `tree` settles when all below it is stored; null when it could not be listed. */
interface StartedFolder {
  readonly tree: Promise<BlobId | null>;
}

/**
 * Walks a folder in step with the parent's trees. Folders and metadata are looked at here, content is read by the
 * threads; the walk goes on while they read, as far as they have room for requests. Paths and names are held as latin1,
 * one character for each byte: such texts sort and join as the bytes do, at less cost.
 */
export class FolderWalker {
  readonly #context: WalkContext;
  readonly #batches: ReadBatches;

  constructor(context: WalkContext) {
    this.#context = context;
    this.#batches = new ReadBatches(context.files, context.onBytesRead);
  }

  /**
   * Stores a folder with all below it. `path` is absolute, `parent` is the folder's tree in the parent snapshot. Resolves
   * with the id of its tree, null when the folder cannot be listed.
   */
  async walk(path: Buffer, parent: BlobId | null): Promise<BlobId | null> {
    const { tree } = await this.#start(path.toString('latin1'), '', parent);
    await this.#batches.send();
    return tree;
  }

  /** `relative` is the path below the protected folder, with a slash at its end; empty for that folder itself. */
  async #start(path: string, relative: string, parent: BlobId | null): Promise<StartedFolder> {
    const { pauses, excluded, counts, progress, comparisons } = this.#context;
    if (pauses.isDue) await pauses.pauseIfDue();
    const unchangedFolder = parent === null ? null : ((await comparisons?.unchanged(path, parent)) ?? null);
    if (unchangedFolder !== null) {
      counts.filesUnmodified += unchangedFolder.files;
      counts.foldersUnmodified += unchangedFolder.folders;
      counts.bytesProcessed += unchangedFolder.bytes;
      progress.add(unchangedFolder.bytes, unchangedFolder.files);
      return { tree: Promise.resolve(parent) };
    }
    let names: string[];
    try {
      names = readdirSync(bytes(path), { encoding: 'latin1' });
    } catch (error) {
      this.#skip(path, 'FOLDER_UNREADABLE', error);
      return { tree: Promise.resolve(null) };
    }
    names.sort();
    const before = parent === null ? null : await this.#openParent(parent);

    const nodes: Nodes = [];
    const work: Promise<unknown>[] = [];
    /** Whether all that was found so far stands in the parent's tree as it is. */
    let same = before !== null;
    let pending: PendingFile[] = [];
    let pendingBytes = 0;
    const readPending = () => {
      if (pending.length > 0) work.push(quiet(this.#readFiles(path, pending, nodes)));
      pending = [];
      pendingBytes = 0;
    };

    for (const name of names) {
      if (pauses.isDue) await pauses.pauseIfDue();
      const entry = path === '/' ? `/${name}` : `${path}/${name}`;
      const stat = this.#look(entry);
      if (stat === null) {
        same = false;
        continue;
      }
      const type = nodeTypeOf(stat.mode);
      if (excluded?.(bytes(relative + name).toString(), type === 'dir') === true) continue;
      if (type === null) {
        this.#context.skipped.add(bytes(entry), 'SOCKET_SKIPPED', 'a socket has no content that could be restored');
        continue;
      }
      const nameBytes = bytes(name);
      const unchanged = before?.entries.take(name, type, stat) ?? null;
      const position = nodes.push(unchanged) - 1;
      if (type === 'dir') {
        const subtree = unchanged === null ? (before?.find(name)?.subtree ?? null) : unchanged.subtree;
        const folder = await this.#start(entry, `${relative}${name}/`, subtree);
        work.push(
          quiet(
            folder.tree.then((tree) => {
              if (tree === null) {
                nodes[position] = null;
                same = false;
                return;
              }
              if (unchanged === null || tree !== subtree) {
                same = false;
                const extendedAttributes = this.#attributes(entry);
                nodes[position] = encodeNode(
                  describeNode(nameBytes, type, stat, { extendedAttributes, subtree: tree }),
                );
              }
              if (subtree === null) counts.foldersNew += 1;
              else if (subtree === tree) counts.foldersUnmodified += 1;
              else counts.foldersChanged += 1;
            }),
          ),
        );
      } else if (type !== 'file') {
        if (unchanged === null) {
          same = false;
          nodes[position] = this.#describeSpecial(nameBytes, entry, type, stat);
        }
      } else if (unchanged?.isStoredIn(this.#context.index) === true) {
        counts.filesUnmodified += 1;
        counts.bytesProcessed += stat.size;
        progress.add(stat.size, 1);
      } else {
        same = false;
        const earlier = unchanged === null ? before?.find(name) : undefined;
        if (earlier !== undefined && isUnchanged(earlier, stat) && this.#isStored(earlier.content ?? [])) {
          nodes[position] = encodeNode(reuseNode(nameBytes, stat, earlier));
          counts.filesUnmodified += 1;
          counts.bytesProcessed += stat.size;
          progress.add(stat.size, 1);
          continue;
        }
        const file = { name, position, size: stat.size, isNew: unchanged === null && earlier?.type !== 'file' };
        if (stat.size >= largeFileSize) {
          // Without this all large files of a folder would be begun at once.
          await this.#context.files.capacity();
          work.push(quiet(this.#readLargeFile(path, file, nodes)));
          continue;
        }
        pending.push(file);
        pendingBytes += stat.size;
        if (this.#batches.isFullWith(pending.length, pendingBytes)) {
          readPending();
          await this.#batches.send();
        }
      }
    }
    readPending();
    const tree = Promise.all(work).then(() => {
      // The tree itself is stored then, and need not be made again to learn that.
      if (same && parent !== null && before?.entries.allTaken === true) return parent;
      const texts = nodes.filter((node) => node !== null);
      return this.#context.trees.write(texts.map((node) => (typeof node === 'string' ? node : node.text)));
    });
    return { tree: quiet(tree) };
  }

  /** Throws BLOB_MISSING, TREE_DAMAGED or TREE_HOSTILE, the latter two also from `find`. */
  async #openParent(tree: BlobId): Promise<{
    readonly entries: ParentFolder;
    /** The node of a name that `entries` was just asked for, and did not give. */
    find(name: string): TreeNode | undefined;
  }> {
    const plaintext = await this.#context.parentTrees.readPlaintext(tree);
    const entries = new ParentFolder(plaintext);
    let isSorted: boolean | null = null;
    let decoded: Map<string, TreeNode> | null = null;
    return {
      entries,
      find: (name) => {
        const json = entries.find(name);
        if (json !== null) return decodeNodes(tree, Buffer.from(`{"nodes":[${json}]}`))[0];
        // In a sorted tree it is the next one or none. What can be scanned is sorted.
        isSorted ??= scanTree(plaintext) !== null;
        if (isSorted) return undefined;
        decoded ??= new Map(decodeNodes(tree, plaintext).map((node) => [node.name.toString('latin1'), node]));
        return decoded.get(name);
      },
    };
  }

  /** Has files read and puts their nodes in place. */
  async #readFiles(folder: string, files: readonly PendingFile[], nodes: Nodes): Promise<void> {
    const outcomes = await this.#batches.add(folder, files);
    for (const [at, outcome] of outcomes.entries()) {
      const file = files[at];
      if (file !== undefined) this.#take(folder, file, outcome, nodes);
    }
  }

  async #readLargeFile(folder: string, file: PendingFile, nodes: Nodes): Promise<void> {
    const outcome = await backUpLargeFile(this.#context.files, bytes(`${folder}/${file.name}`), bytes(file.name));
    this.#take(folder, file, outcome, nodes);
  }

  /** Puts the node of a file that was read in its place, and counts it. */
  #take(folder: string, file: PendingFile, outcome: ReadFile | UnreadFile, nodes: Nodes): void {
    const { counts, skipped, progress } = this.#context;
    const path = () => bytes(`${folder}/${file.name}`);
    progress.add(0, 1);
    if (outcome.kind === 'unread') {
      nodes[file.position] = null;
      skipped.add(path(), outcome.code, outcome.message);
      return;
    }
    if (outcome.changedWhileRead) {
      skipped.add(
        path(),
        'FILE_CHANGED',
        'it changed each time it was read; the point holds its last state, which may be mixed',
      );
    }
    if (outcome.attributeFault !== null) skipped.add(path(), 'ATTRIBUTES_UNREADABLE', outcome.attributeFault);
    nodes[file.position] = outcome.node;
    if (file.isNew) counts.filesNew += 1;
    else counts.filesChanged += 1;
    counts.bytesProcessed += outcome.size;
  }

  #look(path: string): FileStat | null {
    try {
      return statPath(path);
    } catch (error) {
      this.#skip(path, hasPosixCode(error, 'ENOENT') ? 'FILE_VANISHED' : 'FILE_UNREADABLE', error);
      return null;
    }
  }

  #describeSpecial(name: Buffer, path: string, type: NodeType, stat: FileStat): string | null {
    const parts = { extendedAttributes: this.#attributes(path) };
    if (type !== 'symlink') return encodeNode(describeNode(name, type, stat, parts));
    try {
      const linkTarget = readlinkSync(bytes(path), { encoding: 'buffer' });
      return encodeNode(describeNode(name, type, stat, { ...parts, linkTarget }));
    } catch (error) {
      this.#skip(path, 'FILE_VANISHED', error);
      return null;
    }
  }

  #attributes(path: string): readonly ExtendedAttribute[] {
    try {
      return listExtendedAttributes(bytes(path));
    } catch (error) {
      if (!hasPosixCode(error, 'ENOSYS')) this.#skip(path, 'ATTRIBUTES_UNREADABLE', error);
      return [];
    }
  }

  /** A file may only be taken from the parent when the repository still has all of it. */
  #isStored(content: readonly BlobId[]): boolean {
    return content.every((id) => this.#context.index.has('data', id));
  }

  #skip(path: string, code: string, error: unknown): void {
    this.#context.skipped.add(bytes(path), code, reasonOf(error));
  }
}

/** The node of an unchanged file: attributes are the parent's too, for a change of them would have changed the ctime. */
function reuseNode(name: Buffer, stat: FileStat, before: TreeNode): TreeNode {
  const { content, extendedAttributes, genericAttributes } = before;
  return describeNode(name, 'file', stat, { content, extendedAttributes, genericAttributes, size: stat.size });
}

/** Marks a promise as looked after: its failure surfaces where it is awaited, later than Node would report it as unhandled. */
function quiet<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}
