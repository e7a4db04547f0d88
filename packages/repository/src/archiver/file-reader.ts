import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { Chunker } from '../chunker/chunker.ts';
import { maximumChunk } from '../chunker/chunker-parameters.ts';
import type { Polynomial } from '../chunker/polynomial.ts';
import { hashBytes, type BlobId } from '../format/blob.ts';
import { encodeNode } from '../format/tree.ts';
import { blobIdOf, type BlobIndex } from '../index/blob-index.ts';
import type { PackUploader } from '../pack/pack-uploader.ts';
import { listExtendedAttributes, type ExtendedAttribute } from '../posix/extended-attributes.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import { throwIfStopped } from '../worker/serve-requests.ts';
import { describeNode } from './describe-node.ts';
import type { ReadFile, UnreadFile } from './file-messages.ts';
import { differs, toFileStat } from './file-stat.ts';

/** The largest chunk, and room that keeps what is moved from the buffer's end to its start small beside what was read. */
const bufferSize = maximumChunk + 4 * 1024 * 1024;
/** A file that changes while it is read is read again this often before the last state is taken with a warning. */
const attempts = 3;
/** Bytes after which progress is told within a file. */
const noticeInterval = 4 * 1024 * 1024;
// O_NONBLOCK: a fifo that took the file's place must not hold up the open. O_NOFOLLOW: nor may a link be followed.
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Reads files, cuts them into chunks and hands the new ones to a pack uploader. Memory does not grow with a file's size. */
export class FileReader {
  readonly #chunker: Chunker;
  readonly #index: BlobIndex;
  readonly #packs: PackUploader;
  readonly #onBytes: (bytes: number) => void;
  #unreported = 0;

  /** `onBytes` is told of bytes read, some MiB at a time; the rest comes with `reportBytes`. */
  constructor(polynomial: Polynomial, index: BlobIndex, packs: PackUploader, onBytes: (bytes: number) => void) {
    this.#chunker = new Chunker(polynomial, bufferSize);
    this.#index = index;
    this.#packs = packs;
    this.#onBytes = onBytes;
  }

  /**
   * Reads and stores one file; `name` is the last part of its path. A file that cannot be read is an outcome; only
   * failures of the storage are thrown.
   */
  async read(path: Buffer, name: Buffer): Promise<ReadFile | UnreadFile> {
    let file: number;
    try {
      file = openForReading(path);
    } catch (error) {
      return unread(error);
    }
    try {
      return await this.#readOpen(file, path, name);
    } finally {
      closeSync(file);
    }
  }

  /** Tells of the bytes that were not told of yet. */
  reportBytes(): void {
    if (this.#unreported > 0) this.#onBytes(this.#unreported);
    this.#unreported = 0;
  }

  async #readOpen(file: number, path: Buffer, name: Buffer): Promise<ReadFile | UnreadFile> {
    for (let attempt = 1; ; attempt += 1) {
      let stat = toFileStat(fstatSync(file, { bigint: true }));
      if ((stat.mode & constants.S_IFMT) !== constants.S_IFREG) {
        return { kind: 'unread', code: 'FILE_CHANGED', message: 'it is no longer a regular file' };
      }
      const content: BlobId[] = [];
      const size = await this.#readContent(file, stat.size, content);
      if (typeof size !== 'number') return size;
      const after = toFileStat(fstatSync(file, { bigint: true }));
      const changedWhileRead = differs(stat, after) || size !== after.size;
      if (changedWhileRead && attempt < attempts) continue;
      stat = after;
      const { extendedAttributes, attributeFault } = readAttributes(path);
      const node = encodeNode(describeNode(name, 'file', stat, { extendedAttributes, content, size }));
      return { kind: 'read', node, attributeFault, size, changedWhileRead };
    }
  }

  /** Stores the content and returns its size. `expected` saves the read that would only find the end. */
  async #readContent(file: number, expected: number, content: BlobId[]): Promise<number | UnreadFile> {
    const { buffer } = this.#chunker;
    let position = 0;
    let filled = 0;
    let complete = expected === 0;
    while (!complete) {
      while (!complete && filled < buffer.byteLength) {
        let read: number;
        try {
          read = readSync(file, buffer, filled, buffer.byteLength - filled, position);
        } catch (error) {
          return unread(error);
        }
        filled += read;
        position += read;
        this.#count(read);
        complete = read === 0 || position === expected;
      }
      let start = 0;
      while (start < filled) {
        throwIfStopped();
        const end = this.#chunker.findEnd(start, filled, complete);
        if (end === 0) break;
        content.push(await this.#save(buffer.subarray(start, end)));
        start = end;
      }
      buffer.copyWithin(0, start, filled);
      filled -= start;
    }
    return position;
  }

  async #save(plaintext: Buffer): Promise<BlobId> {
    const id = hashBytes(plaintext);
    if (this.#index.claim('data', id)) await this.#packs.add(id, plaintext);
    return blobIdOf(id);
  }

  #count(bytes: number): void {
    this.#unreported += bytes;
    if (this.#unreported >= noticeInterval) this.reportBytes();
  }
}

/** Opens without touching the access time where the owner or root asks for it. */
function openForReading(path: Buffer): number {
  try {
    return openSync(path, openFlags | constants.O_NOATIME);
  } catch (error) {
    if (!hasPosixCode(error, 'EPERM')) throw error;
    return openSync(path, openFlags);
  }
}

interface FoundAttributes {
  readonly extendedAttributes: readonly ExtendedAttribute[];
  readonly attributeFault: string | null;
}

function readAttributes(path: Buffer): FoundAttributes {
  try {
    return { extendedAttributes: listExtendedAttributes(path), attributeFault: null };
  } catch (error) {
    // Where the platform has no such call, no file has attributes that could be lost.
    return { extendedAttributes: [], attributeFault: hasPosixCode(error, 'ENOSYS') ? null : reasonOf(error) };
  }
}

function unread(error: unknown): UnreadFile {
  if (hasPosixCode(error, 'ENOENT')) return { kind: 'unread', code: 'FILE_VANISHED', message: 'it vanished' };
  if (hasPosixCode(error, 'ELOOP')) {
    return { kind: 'unread', code: 'FILE_CHANGED', message: 'a link took its place' };
  }
  return { kind: 'unread', code: 'FILE_UNREADABLE', message: reasonOf(error) };
}

/** The reason of a system error for a person: `permission denied (EACCES)`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, reason = error.message] = /^[A-Z0-9]+: ([^,]+),/.exec(error.message) ?? [];
  return 'code' in error && typeof error.code === 'string' ? `${reason} (${error.code})` : reason;
}
