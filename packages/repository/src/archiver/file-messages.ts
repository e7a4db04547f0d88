import type { BlobId } from '../format/blob.ts';
import type { ReadOutcomes } from './read-outcomes.ts';

/**
 * What the threads that read files are asked. Paths pass as latin1: a message that holds a Buffer carries the whole block
 * of memory that the Buffer is cut from.
 */
export type FileRequest =
  /** To read some files of some folders. */
  | { readonly kind: 'read'; readonly folders: readonly FolderFiles[] }
  /** To compare folders, and all below them, with the parent snapshot. */
  | { readonly kind: 'compare'; readonly folders: readonly ComparedFolder[] }
  /** To find the chunks of a part of a large file, from a place where a chunk starts. */
  | { readonly kind: 'cut'; readonly file: LargeFile; readonly offset: number }
  /** To store chunks of a large file that follow each other. */
  | { readonly kind: 'store'; readonly file: LargeFile; readonly run: ChunkRun }
  /** To store their last pack. */
  | { readonly kind: 'flush' };

/** The answer to each of them. */
export type FileResponse =
  /** One outcome for each name, in their order, and the bytes read that no notice told of. */
  | { readonly kind: 'read'; readonly outcomes: ReadOutcomes; readonly bytes: number }
  | { readonly kind: 'compare'; readonly comparison: Comparison }
  /** The chunks up to `end`, in order. */
  | { readonly kind: 'cut'; readonly parts: readonly (ChunkRun | RepeatedChunk)[]; readonly end: number }
  | { readonly kind: 'store'; readonly ids: readonly BlobId[] }
  | { readonly kind: 'flush' }
  /** The large file could not be read, or ended early. */
  | UnreadFile;

/** Names of files in a folder, whose path is absolute. */
export interface FolderFiles {
  readonly folder: string;
  readonly names: readonly string[];
}

/** A folder that the parent snapshot has, too. */
export interface ComparedFolder {
  /** Absolute. */
  readonly path: string;
  /** Its tree in the parent. */
  readonly tree: BlobId;
}

/** A folder in which nothing has changed, nor below it. Counts are of what it holds, itself not counted. */
export interface UnchangedFolder {
  readonly path: string;
  readonly tree: BlobId;
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
}

/** What a thread has found of some folders and all below them. A folder that is in neither list has changed. */
export interface Comparison {
  /** Without those that lie in another one of the list. */
  readonly unchanged: readonly UnchangedFolder[];
  /** Folders that were found and not looked at yet. */
  readonly rest: readonly ComparedFolder[];
}

/** A large file as the walk found it. The path is absolute. */
export interface LargeFile {
  readonly path: string;
  readonly inode: bigint;
  readonly size: number;
}

/** Chunks that follow each other, not stored yet. */
export interface ChunkRun {
  readonly kind: 'run';
  readonly offset: number;
  readonly lengths: readonly number[];
}

/** A chunk that is stored and follows itself so many times: a part of a file that was never written. */
export interface RepeatedChunk {
  readonly kind: 'repeated';
  readonly id: BlobId;
  readonly count: number;
}

/** A file that was read and stored. */
export interface ReadFile {
  readonly kind: 'read';
  /** Its node as it stands in a folder: one text passes between threads at a small part of what the fields would cost. */
  readonly node: string;
  /** Size of the content that was stored. */
  readonly size: number;
  /** Whether it changed at each attempt to read it: what is stored may mix two states. */
  readonly changedWhileRead: boolean;
  /** Why its extended attributes are missing, or null. */
  readonly attributeFault: string | null;
}

/** A file that could not be read. */
export interface UnreadFile {
  readonly kind: 'unread';
  readonly code: 'FILE_VANISHED' | 'FILE_CHANGED' | 'FILE_UNREADABLE';
  readonly message: string;
}

/** What the threads tell in between: bytes read from the source, and packs that are durably stored. */
export type FileNotice =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | {
      readonly kind: 'pack';
      /** What an index file says of the pack, encoded for the same reason. */
      readonly entry: Uint8Array;
      readonly blobs: number;
      readonly size: number;
      readonly plainBytes: number;
    };
