import { compress, decompress } from './compression.ts';
import { createCompressionContext, createDecompressionContext, type ZstdContext } from './zstd-context.ts';

/**
 * Contexts for blobs up to this size, in bytes, and for larger ones. One for all would be let shrink by zstd after many small blobs,
 * and take new memory for the next large one.
 */
const largestSmallBlob = 128 * 1024;
let smallCompression: ZstdContext | null | undefined;
let largeCompression: ZstdContext | null | undefined;
let decompression: ZstdContext | null | undefined;
let scratch = Buffer.alloc(0);
let plaintextScratch = Buffer.alloc(0);
/** Longer blobs are none that backup programs make; each gets memory of its own. */
const longestReused = 16 * 1024 * 1024;

/**
 * Compresses a blob into one zstd frame. The result lies in memory that the next call of this thread overwrites. Returns
 * null when the frame would not be smaller than the blob, unless `always` asks for it all the same.
 */
export function compressBlob(plaintext: Uint8Array, always: boolean): Buffer | null {
  const compression = contextFor(plaintext.byteLength);
  const bound = frameBound(plaintext.byteLength);
  if (scratch.byteLength < bound) scratch = Buffer.allocUnsafeSlow(Math.max(bound, 1024 * 1024));
  const step = compression?.run(plaintext, scratch, 0);
  if (step?.left !== 0) compression?.reset();
  const frame = step?.left === 0 ? scratch.subarray(0, step.written) : compress(plaintext);
  return always || frame.byteLength < plaintext.byteLength ? frame : null;
}

function contextFor(size: number): ZstdContext | null {
  if (size <= largestSmallBlob) return (smallCompression ??= createCompressionContext());
  return (largeCompression ??= createCompressionContext());
}

/** The most bytes that one byte of a zstd frame can stand for: a block of 128 KiB takes 4 at least. Source: RFC 8878, section 3.1.1.2. */
const highestRatio = (128 * 1024) / 4;

/**
 * Decompresses a blob of a known length. Returns null when it is damaged or has another length. With `reuse`, the result may
 * lie in memory that the next such call of this thread overwrites: memory of its own for each blob is what keeps the
 * garbage collector of a thread busy that only looks at blobs.
 */
export function decompressBlob(compressed: Uint8Array, length: number, reuse = false): Buffer | null {
  // A length that no content can have is not worth its memory.
  if (length > compressed.byteLength * highestRatio) return null;
  decompression ??= createDecompressionContext();
  if (decompression !== null) {
    // One byte of room is left over, so that a longer content shows.
    const output = reuse ? roomFor(length + 1) : Buffer.allocUnsafe(length + 1);
    const step = decompression.run(compressed, output, 0);
    if (step?.left === 0 && step.written === length) return output.subarray(0, length);
    decompression.reset();
  }
  // Damage, or a frame before this one that ended early: a context of its own tells which.
  const plaintext = decompress(compressed, length);
  return plaintext?.byteLength === length ? plaintext : null;
}

function roomFor(size: number): Buffer {
  if (size > longestReused) return Buffer.allocUnsafe(size);
  if (plaintextScratch.byteLength < size) plaintextScratch = Buffer.allocUnsafeSlow(Math.max(size, 1024 * 1024));
  return plaintextScratch.subarray(0, size);
}

/** The most that zstd makes of `size` bytes that do not shrink. Source: ZSTD_COMPRESSBOUND in zstd.h. */
function frameBound(size: number): number {
  return size + Math.ceil(size / 256) + 128;
}
