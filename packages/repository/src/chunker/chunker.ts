import { chunkerDegree, remainder, type Polynomial } from './polynomial.ts';

/** Smallest chunk in bytes; a file below it is one chunk. */
export const minimumChunk = 512 * 1024;
/** Largest chunk in bytes. */
export const maximumChunk = 8 * 1024 * 1024;
const windowSize = 64;
/** A chunk ends where these 20 bits of the fingerprint are zero: 1 MiB on average, beyond the minimum. */
const boundaryMask = 0xf_ffff;

/**
 * Content-defined chunking with the boundaries of restic: a Rabin fingerprint over a window of 64 bytes.
 * Source: github.com/restic/chunker. The 53-bit fingerprint is held as 21 high and 32 low bits, so that it stays in
 * integer arithmetic.
 */
export class Chunker {
  readonly #outHigh = new Int32Array(256);
  readonly #outLow = new Int32Array(256);
  readonly #reduceHigh = new Int32Array(256);
  readonly #reduceLow = new Int32Array(256);

  /** `polynomial` is irreducible and of degree 53; it comes from the repository's config. */
  constructor(polynomial: Polynomial) {
    for (let byte = 0; byte < 256; byte += 1) {
      const out = remainder(BigInt(byte) << BigInt(8 * (windowSize - 1)), polynomial);
      const reduce = remainder(BigInt(byte) << BigInt(chunkerDegree), polynomial);
      [this.#outHigh[byte], this.#outLow[byte]] = split(out);
      [this.#reduceHigh[byte], this.#reduceLow[byte]] = split(reduce);
    }
  }

  /**
   * Finds where the chunk that starts at `start` ends. The bytes up to `end` are known; `complete` says that the file
   * ends there. Returns the end of the chunk, or 0 when more bytes are needed to know it.
   */
  findEnd(data: Uint8Array, start: number, end: number, complete: boolean): number {
    const available = end - start;
    const limit = start + Math.min(available, maximumChunk);
    if (available > minimumChunk) {
      const found = this.#scan(data, start, limit);
      if (found !== 0) return found;
    }
    return available >= maximumChunk || complete ? limit : 0;
  }

  #scan(data: Uint8Array, start: number, limit: number): number {
    const outHigh = this.#outHigh;
    const outLow = this.#outLow;
    const reduceHigh = this.#reduceHigh;
    const reduceLow = this.#reduceLow;
    // A chunk begins with one byte 0x01 in an otherwise empty window, and the bytes before the first place where it may
    // end are not looked at. Hence the byte that leaves is 0 sixty-three times, then that 1, then the data itself.
    const first = start + minimumChunk - windowSize;
    let high = 0;
    let low = 1;
    for (let at = first; at < limit; at += 1) {
      const age = at - first;
      const leaving = age >= windowSize ? (data[at - windowSize] as number) : age === windowSize - 1 ? 1 : 0;
      high ^= outHigh[leaving] as number;
      low ^= outLow[leaving] as number;
      const overflow = high >>> 13;
      high = (((high << 8) | (low >>> 24)) & 0x1f_ffff) ^ (reduceHigh[overflow] as number);
      low = ((low << 8) | (data[at] as number)) ^ (reduceLow[overflow] as number);
      if ((low & boundaryMask) === 0 && at + 1 - start >= minimumChunk) return at + 1;
    }
    return 0;
  }
}

function split(value: bigint): [number, number] {
  return [Number(value >> 32n), Number(value & 0xffff_ffffn) | 0];
}
