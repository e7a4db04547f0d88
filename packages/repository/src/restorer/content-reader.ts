import { readSync } from 'node:fs';
import { maximumChunk } from '../chunker/chunker-parameters.ts';
import { hashBytes, type BlobId } from '../format/blob.ts';
import { isHole } from '../posix/holes.ts';
import { isZero } from './zeros.ts';

/** Lengths of which the hash of zeros is remembered. */
const zeroHashesKept = 64;

/** Reads parts of files and compares them with blobs. */
export class ContentReader {
  #buffer = Buffer.allocUnsafeSlow(maximumChunk);
  readonly #zeroHashes = new Map<number, string>();

  /**
   * Tells whether an open file has a blob's content from `position` on. A part that the file system holds no data for is
   * not read. `fileSize` in bytes.
   */
  matches(descriptor: number, position: number, length: number, id: BlobId, fileSize: number): boolean {
    if (position + length > fileSize) return false;
    if (length > 0 && isHole(descriptor, position, length, fileSize)) return this.#hashOfZeros(length) === id;
    const content = this.read(descriptor, position, length);
    if (content === null) return false;
    return (isZero(content) ? this.#hashOfZeros(length) : hashBytes(content).toString('hex')) === id;
  }

  /** Reads a part of a file; null when it ends before. The buffer is this class's own and valid until the next call. */
  read(descriptor: number, position: number, length: number): Buffer | null {
    if (this.#buffer.byteLength < length) this.#buffer = Buffer.allocUnsafeSlow(length);
    const content = this.#buffer.subarray(0, length);
    for (let filled = 0; filled < length;) {
      const read = readSync(descriptor, content, filled, length - filled, position + filled);
      if (read === 0) return null;
      filled += read;
    }
    return content;
  }

  #hashOfZeros(length: number): string {
    let hash = this.#zeroHashes.get(length);
    if (hash === undefined) {
      hash = hashBytes(Buffer.alloc(length)).toString('hex');
      if (this.#zeroHashes.size >= zeroHashesKept) this.#zeroHashes.clear();
      this.#zeroHashes.set(length, hash);
    }
    return hash;
  }
}
