import { compress, decompress } from './compression.ts';

/** First byte of an index, snapshot or lock file of format 2: zstd follows. */
const zstdMarker = 0x02;
/** Bound for one decompressed file, far above what any index of 50,000 blobs takes, so that a hostile one cannot fill the memory. */
const maximumSize = 512 * 1024 * 1024;

/** Encodes the plaintext of an index, snapshot or lock file: JSON in format 1, a marker and zstd in format 2. */
export function encodeUnpacked(json: Uint8Array, version: 1 | 2): Uint8Array {
  return version === 1 ? json : Buffer.concat([Buffer.of(zstdMarker), compress(json)]);
}

/** Decodes the plaintext of an index, snapshot or lock file. Format 2 may hold plain JSON as well, after an upgrade. Returns null for anything else. */
export function decodeUnpacked(plaintext: Buffer, version: 1 | 2): Buffer | null {
  const first = plaintext[0];
  if (version === 1 || first === undefined || first === 0x7b || first === 0x5b) return plaintext;
  return first === zstdMarker ? decompress(plaintext.subarray(1), maximumSize) : null;
}
