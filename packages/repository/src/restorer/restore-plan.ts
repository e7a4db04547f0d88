import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { PathFilter } from '../filter/match-patterns.ts';
import type { BlobId } from '../format/blob.ts';
import { toPermissions } from '../format/node-mode.ts';
import { parseTime } from '../format/node-time.ts';
import type { TreeNode } from '../format/tree.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import type { ExtendedAttribute } from '../posix/extended-attributes.ts';
import type { FoundFolder } from '../tree/find-folder.ts';
import type { TreeReader } from '../tree/tree-reader.ts';
import { plainLengthAt } from './plain-length.ts';

const separator = Buffer.from('/');

/** Metadata to be set on something that is restored. Times in nanoseconds since 1970, `mode` as chmod takes it. */
export interface Metadata {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly atimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly attributes: readonly ExtendedAttribute[];
}

/** A folder to restore. `path` is relative to the target, empty for the target itself. */
export interface PlannedFolder {
  readonly path: Buffer;
  /** Null for the root of a snapshot, which has none. */
  readonly metadata: Metadata | null;
}

/** Where something stands in the target: a folder's relative path and a name in it. */
export interface PlannedPlace {
  readonly folder: Buffer;
  readonly name: Buffer;
}

/** A file in the target, without its content. `size` in bytes. */
export interface TargetFile extends PlannedPlace {
  /** Position among the plan's files. */
  readonly number: number;
  readonly size: number;
  readonly metadata: Metadata;
}

/** A file to restore from blobs. */
export interface PlannedFile extends TargetFile {
  /** Numbers of its data blobs in the index, in order. */
  readonly content: readonly number[];
}

/** A file to restore as a further name of another one. */
export interface PlannedLink extends PlannedPlace {
  readonly original: PlannedFile;
}

/** A symlink, fifo or device to restore. */
export interface PlannedSpecial extends PlannedPlace {
  readonly type: 'symlink' | 'fifo' | 'dev' | 'chardev';
  readonly linkTarget: Buffer;
  readonly device: number;
  readonly metadata: Metadata;
}

/** Everything that a restore writes. Folders come before what they hold. */
export interface RestorePlan {
  readonly folders: readonly PlannedFolder[];
  readonly files: readonly PlannedFile[];
  readonly links: readonly PlannedLink[];
  readonly specials: readonly PlannedSpecial[];
  /** Sockets, which nobody can restore: that they stand in the target is no difference. */
  readonly sockets: readonly PlannedPlace[];
  readonly bytes: number;
}

/** What of a folder is wanted, by paths relative to it. A folder that is not wanted brings nothing that it holds. */
export interface PlanFilter {
  /** Null takes everything. */
  readonly included: PathFilter | null;
  /** Null leaves nothing out. */
  readonly excluded: PathFilter | null;
}

/** A folder of the snapshot on the way down; it enters the plan with the first thing it holds. */
interface OpenFolder {
  readonly planned: PlannedFolder;
  readonly parent: OpenFolder | null;
  added: boolean;
}

/**
 * Plans the restore of a folder of a snapshot: what the filter lets through, with the folders above it. Data blobs that no
 * index file lists become known to the index, without a place. `onFile` is told how many files the plan has, each time one
 * is added.
 * Throws BLOB_MISSING, TREE_DAMAGED, TREE_HOSTILE, or TREE_DAMAGED for a node of a type that nobody can restore.
 */
export async function planRestore(
  trees: TreeReader,
  index: BlobIndex,
  folder: FoundFolder,
  { included, excluded }: PlanFilter,
  pauses: Pauses,
  onFile: (files: number) => void = () => undefined,
): Promise<RestorePlan> {
  const folders: PlannedFolder[] = [];
  const files: PlannedFile[] = [];
  const links: PlannedLink[] = [];
  const specials: PlannedSpecial[] = [];
  const sockets: PlannedPlace[] = [];
  const hardLinked = new Map<string, PlannedFile>();
  let bytes = 0;

  const add = (open: OpenFolder): void => {
    if (open.added) return;
    if (open.parent !== null) add(open.parent);
    open.added = true;
    folders.push(open.planned);
  };

  const visit = async (tree: BlobId, open: OpenFolder, all: boolean): Promise<void> => {
    if (all) add(open);
    for (const node of await trees.read(tree)) {
      if (pauses.isDue) await pauses.pauseIfDue();
      const isFolder = node.type === 'dir';
      let wanted = all;
      // Only patterns need the path of a file, which takes time to make.
      if (excluded !== null || (included !== null && !all)) {
        const path = joinRelative(open.planned.path, node.name).toString();
        if (excluded?.(path, isFolder) === true) continue;
        wanted ||= included?.(path, isFolder) === true;
      }
      if (isFolder && node.subtree !== null) {
        const planned = { path: joinRelative(open.planned.path, node.name), metadata: metadataOf(node) };
        await visit(node.subtree, { planned, parent: open, added: false }, wanted);
        continue;
      }
      if (!wanted) continue;
      add(open);
      if (node.type === 'file') {
        const content = (node.content ?? []).map((id) => index.enroll('data', id));
        const key = node.links > 1 && node.inode !== 0n ? `${node.deviceId} ${node.inode}` : null;
        const original = key === null ? undefined : hardLinked.get(key);
        if (original !== undefined && sameContent(original.content, content)) {
          links.push({ folder: open.planned.path, name: node.name, original });
          continue;
        }
        const file: PlannedFile = {
          folder: open.planned.path,
          name: node.name,
          number: files.length,
          content,
          size: contentSize(content, index) ?? node.size,
          metadata: metadataOf(node),
        };
        files.push(file);
        onFile(files.length);
        bytes += file.size;
        if (key !== null) hardLinked.set(key, file);
      } else if (isSpecial(node.type)) {
        const { linkTarget, device } = node;
        const place = { folder: open.planned.path, name: node.name };
        specials.push({ ...place, type: node.type, linkTarget, device, metadata: metadataOf(node) });
      } else if (node.type === 'socket') {
        sockets.push({ folder: open.planned.path, name: node.name });
      } else {
        throw new PlatformError('TREE_DAMAGED', `the tree ${tree} holds a node of the unknown type ${node.type}`);
      }
    }
  };

  const metadata = folder.node === null ? null : metadataOf(folder.node);
  await visit(
    folder.tree,
    { planned: { path: Buffer.alloc(0), metadata }, parent: null, added: false },
    included === null,
  );
  return { folders, files, links, specials, sockets, bytes };
}

function metadataOf(node: TreeNode): Metadata {
  const mtimeNs = parseTime(node.mtime) ?? 0n;
  return {
    mode: toPermissions(node.mode),
    uid: node.uid,
    gid: node.gid,
    atimeNs: node.atime === node.mtime ? mtimeNs : (parseTime(node.atime) ?? 0n),
    mtimeNs,
    attributes: node.extendedAttributes,
  };
}

/** The blobs are the truth about a file's size: the field beside them is checked by nobody. Null when one of them is lost. */
function contentSize(content: readonly number[], index: BlobIndex): number | null {
  let size = 0;
  for (const blob of content) {
    const length = plainLengthAt(index, blob);
    if (length === null) return null;
    size += length;
  }
  return size;
}

function isSpecial(type: string): type is PlannedSpecial['type'] {
  return type === 'symlink' || type === 'fifo' || type === 'dev' || type === 'chardev';
}

function sameContent(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((blob, at) => blob === right[at]);
}

/** Joins relative paths; an empty one stands for the target itself. */
export function joinRelative(folder: Uint8Array, name: Uint8Array): Buffer {
  return folder.byteLength === 0 ? Buffer.from(name) : Buffer.concat([folder, separator, name]);
}
