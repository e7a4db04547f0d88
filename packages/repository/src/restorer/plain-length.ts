import { sealingOverhead } from '../crypto/sealing.ts';
import type { PackedBlob } from '../format/blob.ts';
import type { BlobIndex } from '../index/blob-index.ts';

/** Size of a blob's plaintext in bytes, as the index has it. */
export function plainLength(blob: Pick<PackedBlob, 'length' | 'uncompressedLength'>): number {
  return blob.uncompressedLength === 0 ? blob.length - sealingOverhead : blob.uncompressedLength;
}

/** The same for the blob that has a number in an index; null when no pack holds it. */
export function plainLengthAt(index: BlobIndex, number: number): number | null {
  if (index.packAt(number) === -1) return null;
  return plainLength({ length: index.lengthAt(number), uncompressedLength: index.uncompressedLengthAt(number) });
}
