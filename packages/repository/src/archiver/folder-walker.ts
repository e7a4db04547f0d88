import { lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import type { PathFilter } from '../filter/match-patterns.ts';
import type { BlobId } from '../format/blob.ts';
import { nodeTypeOf, type NodeType } from '../format/node-mode.ts';
import { encodeNode, type TreeNode } from '../format/tree.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import { listExtendedAttributes, type ExtendedAttribute } from '../posix/extended-attributes.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import type { ProgressReporter } from '../progress-reporter.ts';
import type { SkippedItems } from '../skipped-items.ts';
import type { TreeReader } from '../tree/tree-reader.ts';
import type { WorkerPool } from '../worker/worker-pool.ts';
import { describeNode, isUnchanged } from './describe-node.ts';
import type { FileNotice, FileRequest, FileResponse } from './file-messages.ts';
import { reasonOf } from './file-reader.ts';
import { toFileStat, type FileStat } from './file-stat.ts';
import type { TreeWriter } from './tree-writer.ts';

/** Files that are handed to a thread at a time: enough that messages cost little, few enough that all threads have work. */
const filesPerRequest = 64;
const bytesPerRequest = 16 * 1024 * 1024;

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
  readonly excluded: PathFilter;
  readonly skipped: SkippedItems;
  readonly progress: ProgressReporter;
  readonly pauses: Pauses;
  readonly counts: WalkCounts;
}

/** A file of a folder that has to be read, and its place among the folder's nodes. */
interface PendingFile {
  readonly name: Buffer;
  readonly position: number;
  readonly size: number;
  readonly isNew: boolean;
}

/** A folder whose files are being read. `tree` settles when all below it is stored; null when it could not be listed. */
interface StartedFolder {
  readonly tree: Promise<BlobId | null>;
}

/**
 * Walks a folder in step with the parent's trees. Folders and metadata are looked at here, content is read by the
 * threads; the walk goes on while they read, as far as they have room for requests.
 */
export class FolderWalker {
  readonly #context: WalkContext;

  constructor(context: WalkContext) {
    this.#context = context;
  }

  /**
   * Stores a folder with all below it. `path` is absolute, `relative` starts at the protected folder, `parent` is the
   * folder's tree in the parent snapshot. Resolves with the id of its tree, null when the folder cannot be listed.
   */
  async walk(path: Buffer, relative: string, parent: BlobId | null): Promise<BlobId | null> {
    return (await this.#start(path, relative, parent)).tree;
  }

  async #start(path: Buffer, relative: string, parent: BlobId | null): Promise<StartedFolder> {
    const { pauses, parentTrees, counts } = this.#context;
    await pauses.pauseIfDue();
    let names: Buffer[];
    try {
      names = readdirSync(path, { encoding: 'buffer' });
    } catch (error) {
      this.#skip(path, 'FOLDER_UNREADABLE', error);
      return { tree: Promise.resolve(null) };
    }
    names.sort((left, right) => Buffer.compare(left, right));
    const previous = new Map<string, TreeNode>();
    if (parent !== null) {
      for (const node of await parentTrees.read(parent)) previous.set(node.name.toString('latin1'), node);
    }

    const nodes: (string | null)[] = [];
    const work: Promise<unknown>[] = [];
    let pending: PendingFile[] = [];
    let pendingBytes = 0;
    const readPending = async () => {
      if (pending.length === 0) return;
      const files = pending;
      pending = [];
      pendingBytes = 0;
      await this.#context.files.capacity();
      work.push(quiet(this.#readFiles(path, files, nodes)));
    };

    for (const name of names) {
      await pauses.pauseIfDue();
      const entry = join(path, name);
      const stat = this.#look(entry);
      if (stat === null) continue;
      const type = nodeTypeOf(stat.mode);
      const entryRelative = relative === '' ? name.toString() : `${relative}/${name.toString()}`;
      if (this.#context.excluded(entryRelative, type === 'dir')) continue;
      if (type === null) {
        this.#context.skipped.add(entry, 'SOCKET_SKIPPED', 'a socket has no content that could be restored');
        continue;
      }
      const before = previous.get(name.toString('latin1'));
      const position = nodes.push(null) - 1;
      if (type === 'dir') {
        const subtree = before?.type === 'dir' ? before.subtree : null;
        const folder = await this.#start(entry, entryRelative, subtree);
        work.push(
          quiet(
            folder.tree.then((tree) => {
              if (tree === null) return;
              const extendedAttributes = this.#attributes(entry);
              nodes[position] = encodeNode(describeNode(name, type, stat, { extendedAttributes, subtree: tree }));
              if (subtree === null) counts.foldersNew += 1;
              else if (subtree === tree) counts.foldersUnmodified += 1;
              else counts.foldersChanged += 1;
            }),
          ),
        );
      } else if (type !== 'file') {
        nodes[position] = this.#describeSpecial(name, entry, type, stat);
      } else if (before !== undefined && isUnchanged(before, stat) && this.#isStored(before)) {
        nodes[position] = encodeNode(reuseNode(name, stat, before));
        counts.filesUnmodified += 1;
        counts.bytesProcessed += stat.size;
        this.#context.progress.add(stat.size, 1);
      } else {
        pending.push({ name, position, size: stat.size, isNew: before?.type !== 'file' });
        pendingBytes += stat.size;
        if (pending.length >= filesPerRequest || pendingBytes >= bytesPerRequest) await readPending();
      }
    }
    await readPending();
    const tree = Promise.all(work).then(() => this.#context.trees.write(nodes.filter((node) => node !== null)));
    return { tree: quiet(tree) };
  }

  /** Has files read and puts their nodes in place. */
  async #readFiles(folder: Buffer, files: readonly PendingFile[], nodes: (string | null)[]): Promise<void> {
    const { counts, skipped, progress } = this.#context;
    const names = files.map((file) => file.name.toString('latin1'));
    const request: FileRequest = { kind: 'read', folder: folder.toString('latin1'), names };
    const { outcomes } = await this.#context.files.run(request);
    for (const [at, file] of files.entries()) {
      const outcome = outcomes[at];
      const path = join(folder, file.name);
      progress.add(0, 1);
      if (outcome === undefined) continue;
      if (outcome.kind === 'unread') {
        skipped.add(path, outcome.code, outcome.message);
        continue;
      }
      if (outcome.changedWhileRead) {
        skipped.add(
          path,
          'FILE_CHANGED',
          'it changed each time it was read; the point holds its last state, which may be mixed',
        );
      }
      if (outcome.attributeFault !== null) skipped.add(path, 'ATTRIBUTES_UNREADABLE', outcome.attributeFault);
      nodes[file.position] = outcome.node;
      if (file.isNew) counts.filesNew += 1;
      else counts.filesChanged += 1;
      counts.bytesProcessed += outcome.size;
    }
  }

  #look(path: Buffer): FileStat | null {
    let stat: BigIntStats;
    try {
      stat = lstatSync(path, { bigint: true });
    } catch (error) {
      this.#skip(path, hasPosixCode(error, 'ENOENT') ? 'FILE_VANISHED' : 'FILE_UNREADABLE', error);
      return null;
    }
    return toFileStat(stat);
  }

  #describeSpecial(name: Buffer, path: Buffer, type: NodeType, stat: FileStat): string | null {
    const parts = { extendedAttributes: this.#attributes(path) };
    if (type !== 'symlink') return encodeNode(describeNode(name, type, stat, parts));
    try {
      const linkTarget = readlinkSync(path, { encoding: 'buffer' });
      return encodeNode(describeNode(name, type, stat, { ...parts, linkTarget }));
    } catch (error) {
      this.#skip(path, 'FILE_VANISHED', error);
      return null;
    }
  }

  #attributes(path: Buffer): readonly ExtendedAttribute[] {
    try {
      return listExtendedAttributes(path);
    } catch (error) {
      if (!hasPosixCode(error, 'ENOSYS')) this.#skip(path, 'ATTRIBUTES_UNREADABLE', error);
      return [];
    }
  }

  /** A file may only be taken from the parent when the repository still has all of it. */
  #isStored(node: TreeNode): boolean {
    return (node.content ?? []).every((id) => this.#context.index.has('data', id));
  }

  #skip(path: Buffer, code: string, error: unknown): void {
    this.#context.skipped.add(path, code, reasonOf(error));
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

const separator = Buffer.from('/');

function join(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 1 ? Buffer.concat([folder, name]) : Buffer.concat([folder, separator, name]);
}
