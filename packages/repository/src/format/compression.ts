import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Level of zstd: stores about as much as restic's default and is the fastest that does. */
const level = 2;
export const compressionParameters = { params: { [constants.ZSTD_c_compressionLevel]: level } };

/** Compresses into one zstd frame. */
export function compress(plaintext: Uint8Array): Buffer {
  return zstdCompressSync(plaintext, compressionParameters);
}

/** Index files and snapshots take a fifth when compressed: with this room most come out in one piece. */
const usualRatio = 6;
const largestPiece = 16 * 1024 * 1024;

/** Decompresses a zstd frame; what follows it is not looked at. Returns null when it is damaged or holds more than `limit` bytes. */
export function decompress(compressed: Uint8Array, limit: number): Buffer | null {
  try {
    // Node refuses a limit of 0, and a limit that is met exactly must pass.
    const chunkSize = Math.min(compressed.byteLength * usualRatio + 1024, largestPiece);
    return zstdDecompressSync(compressed, { maxOutputLength: limit + 1, chunkSize });
  } catch {
    return null;
  }
}
