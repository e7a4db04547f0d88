/**
 * What the threads that read files are asked: some files of one folder, or to store their last pack. Paths pass as
 * latin1: a message that holds a Buffer carries the whole block of memory that the Buffer is cut from.
 */
export type FileRequest =
  { readonly kind: 'read'; readonly folder: string; readonly names: readonly string[] } | { readonly kind: 'flush' };

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

/** One outcome for each name, in their order. */
export interface FileResponse {
  readonly outcomes: readonly (ReadFile | UnreadFile)[];
}

/** What the threads tell in between: bytes read from the source, and packs that are durably stored. */
export type FileNotice =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | {
      readonly kind: 'pack';
      /** What an index file says of the pack, encoded for the same reason. */
      readonly entry: string;
      readonly blobs: number;
      readonly size: number;
      readonly plainBytes: number;
    };
