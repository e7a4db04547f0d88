import type { StorageDescription } from './storage-description.ts';

/** Kinds of files in a repository, named as restic names their folders. */
export type FileType = 'config' | 'data' | 'index' | 'keys' | 'locks' | 'snapshots';

/** A file as a listing shows it. `size` in bytes. */
export interface StoredFile {
  readonly name: string;
  readonly size: number;
}

/**
 * Where a repository's files lie: one adapter for folders, one for S3, one for S3 as it stood at a time.
 *
 * Every write is atomic and durable when its promise resolves: a reader sees the whole file or none, and a crash leaves
 * at most a temporary file that listings never show. Names are 64 lower-case hex digits (the SHA-256 of the content),
 * except for `config`, whose name is ignored. Failures are PlatformErrors with a STORAGE_ code.
 */
export interface Storage {
  /** The place as a person would write it, without a secret. */
  readonly location: string;
  /** What `openStorage` opens the same storage with, in another thread too. */
  readonly description: StorageDescription;
  /** Whether writes and removals are refused with STORAGE_READ_ONLY: nobody changes what lies there, so no lock is needed. */
  readonly readOnly: boolean;
  /** Whether `put` has no more need of the data once it has returned its promise: that memory can be used again then. */
  readonly takesDataAtOnce?: boolean;
  /** Writes a file. Writing the same name with the same bytes again is harmless, so a caller may repeat it. */
  put(type: FileType, name: string, data: Uint8Array): Promise<void>;
  /** Writes a file that must not exist yet. Throws REPOSITORY_EXISTS when it does. */
  create(type: FileType, name: string, data: Uint8Array): Promise<void>;
  /**
   * Reads a whole file, or exactly `length` bytes from `offset`. Throws STORAGE_FILE_MISSING when there is no such
   * file, and FILE_DAMAGED when it is too short for the range.
   */
  get(type: FileType, name: string, range?: ByteRange): Promise<Buffer>;
  /** Name and size of a file, or null when there is none. */
  stat(type: FileType, name: string): Promise<StoredFile | null>;
  /**
   * All files of a kind, in no order, without those whose name is not 64 hex digits. An absent folder lists nothing. A
   * listing that breaks off, or does not show what this storage wrote, is a STORAGE_ error and never a shorter listing.
   */
  list(type: FileType): AsyncIterable<StoredFile>;
  /**
   * Removes a file. That it is gone already is success. Throws STORAGE_OBJECT_LOCKED for one that the storage protects for
   * now, by a retention or a legal hold.
   */
  delete(type: FileType, name: string): Promise<void>;
}

/** A part of a file, in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Tells whether a file's name is one that a repository uses: 64 lower-case hex digits. */
export function isStoredName(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** A file as it is named in a sentence: `config`, or `snapshots/12ab…`. */
export function describeFile(type: FileType, name: string): string {
  return type === 'config' ? type : `${type}/${name}`;
}
