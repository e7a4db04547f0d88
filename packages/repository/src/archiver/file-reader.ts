import { closeSync, constants, readSync } from 'node:fs';
import type { Chunker } from '../chunker/chunker.ts';
import type { BlobId } from '../format/blob.ts';
import { encodeNode } from '../format/tree.ts';
import { differs, statOpenFile } from '../posix/file-stat.ts';
import { throwIfStopped } from '../worker/serve-requests.ts';
import type { ChunkSaver } from './chunk-saver.ts';
import { describeNode } from './describe-node.ts';
import { findAttributes } from './file-attributes.ts';
import type { ReadFile, UnreadFile } from './file-messages.ts';
import { openForReading, replacedFile, unread } from './open-file.ts';

/** A file that changes while it is read is read again this often before the last state is taken with a warning. */
export const readAttempts = 3;

/** Reads files, cuts them into chunks and has the new ones stored. Memory does not grow with a file's size. */
export class FileReader {
  readonly #chunker: Chunker;
  readonly #saver: ChunkSaver;

  /** The chunker's buffer must take more than the largest chunk; the more, the less is moved from its end to its start. */
  constructor(chunker: Chunker, saver: ChunkSaver) {
    this.#chunker = chunker;
    this.#saver = saver;
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

  async #readOpen(file: number, path: Buffer, name: Buffer): Promise<ReadFile | UnreadFile> {
    for (let attempt = 1; ; attempt += 1) {
      const stat = statOpenFile(file);
      if ((stat.mode & constants.S_IFMT) !== constants.S_IFREG) return replacedFile;
      const content: BlobId[] = [];
      const size = await this.#readContent(file, stat.size, content);
      if (typeof size !== 'number') return size;
      const after = statOpenFile(file);
      const changedWhileRead = differs(stat, after) || size !== after.size;
      if (changedWhileRead && attempt < readAttempts) continue;
      const { extendedAttributes, attributeFault } = findAttributes(path);
      const node = encodeNode(describeNode(name, 'file', after, { extendedAttributes, content, size }));
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
        this.#saver.count(read);
        complete = read === 0 || position === expected;
      }
      let start = 0;
      while (start < filled) {
        throwIfStopped();
        const end = this.#chunker.findEnd(start, filled, complete);
        if (end === 0) break;
        content.push(await this.#saver.save(buffer.subarray(start, end)));
        start = end;
      }
      buffer.copyWithin(0, start, filled);
      filled -= start;
    }
    return position;
  }
}
