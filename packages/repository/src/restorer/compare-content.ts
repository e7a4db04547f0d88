import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { reasonOf } from '../archiver/file-reader.ts';
import { maximumChunk } from '../chunker/chunker.ts';
import { hashBytes } from '../format/blob.ts';
import { throwIfStopped } from '../worker/serve-requests.ts';
import type { ExpectedContent } from './restore-messages.ts';

const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Compares files with the blobs they ought to consist of. */
export class ContentComparer {
  #buffer = Buffer.allocUnsafeSlow(maximumChunk);
  readonly #onBytes: (bytes: number) => void;

  constructor(onBytes: (bytes: number) => void) {
    this.#onBytes = onBytes;
  }

  /** Reads a file and returns why it differs as the rest of a sentence, or null when each byte is right. */
  compare(path: Buffer, { file, lengths }: ExpectedContent): string | null {
    let descriptor: number;
    try {
      descriptor = openSync(path, openFlags);
    } catch (error) {
      return `it cannot be opened: ${reasonOf(error)}`;
    }
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile()) return 'it is not a regular file';
      if (stat.size !== file.size) return `it has ${stat.size} bytes, expected are ${file.size}`;
      let position = 0;
      for (const [at, id] of file.content.entries()) {
        throwIfStopped();
        const length = lengths[at] ?? 0;
        if (this.#buffer.byteLength < length) this.#buffer = Buffer.allocUnsafeSlow(length);
        const chunk = this.#buffer.subarray(0, length);
        if (!readFully(descriptor, chunk, position) || hashBytes(chunk).toString('hex') !== id) {
          return `its content differs between byte ${position} and byte ${position + length}`;
        }
        position += length;
        this.#onBytes(length);
      }
      return null;
    } catch (error) {
      if (error instanceof PlatformError) throw error;
      return `it cannot be read: ${reasonOf(error)}`;
    } finally {
      closeSync(descriptor);
    }
  }
}

function readFully(descriptor: number, buffer: Buffer, position: number): boolean {
  for (let filled = 0; filled < buffer.byteLength;) {
    const read = readSync(descriptor, buffer, filled, buffer.byteLength - filled, position + filled);
    if (read === 0) return false;
    filled += read;
  }
  return true;
}
