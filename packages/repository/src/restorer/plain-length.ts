import { sealingOverhead } from '../crypto/sealing.ts';
import type { PackedBlob } from '../format/blob.ts';

/** Size of a blob's plaintext in bytes, as the index has it. */
export function plainLength(blob: Pick<PackedBlob, 'length' | 'uncompressedLength'>): number {
  return blob.uncompressedLength === 0 ? blob.length - sealingOverhead : blob.uncompressedLength;
}
