import { sealingOverhead, unseal, type SealingKey } from '../crypto/sealing.ts';
import { isDamage } from '../damage.ts';
import type { PackedBlob, PackId } from '../format/blob.ts';
import { decodePackHeader, headerLengthSize, maximumHeaderSize, packSize } from '../format/pack-header.ts';
import type { Storage } from '../storage/storage.ts';

/** Bytes from the end of a pack that are fetched at first: enough for the headers of nearly all packs. */
const firstFetch = 8 * 1024;

/**
 * Reads what a pack holds from its own header. `size` is the pack's in bytes. Returns why that cannot be done, as the end
 * of a sentence, when the header is damaged or describes a file of another size: nothing tells then where a blob lies.
 * Throws a STORAGE_ error.
 */
export async function readPackHeader(
  storage: Storage,
  key: SealingKey,
  pack: PackId,
  size: number,
): Promise<readonly PackedBlob[] | string> {
  try {
    const fetched = Math.min(size, firstFetch);
    const end = await storage.get('data', pack, { offset: size - fetched, length: fetched });
    if (end.byteLength < headerLengthSize) return 'it is too short for a header';
    const length = end.readUInt32LE(end.byteLength - headerLengthSize) + headerLengthSize;
    if (length > size || length > maximumHeaderSize + headerLengthSize) return 'the length of its header is impossible';
    const whole = length <= fetched ? end : await storage.get('data', pack, { offset: size - length, length });
    return decodeHeader(key, whole.subarray(whole.byteLength - length), size);
  } catch (error) {
    if (isDamage(error)) return 'it is gone or became shorter meanwhile';
    throw error;
  }
}

/** Reads what a pack holds from the header at the end of its bytes, as `readPackHeader` does. */
export function parsePackHeader(key: SealingKey, data: Buffer): readonly PackedBlob[] | string {
  if (data.byteLength < headerLengthSize) return 'it is too short for a header';
  const length = data.readUInt32LE(data.byteLength - headerLengthSize) + headerLengthSize;
  if (length > data.byteLength) return 'the length of its header is impossible';
  return decodeHeader(key, data.subarray(data.byteLength - length), data.byteLength);
}

/** `end` is the sealed header with the length after it. */
function decodeHeader(key: SealingKey, end: Buffer, size: number): readonly PackedBlob[] | string {
  if (end.byteLength < headerLengthSize + sealingOverhead) return 'the length of its header is impossible';
  const plaintext = unseal(key, end.subarray(0, end.byteLength - headerLengthSize));
  const blobs = plaintext === null ? null : decodePackHeader(plaintext);
  if (blobs === null || blobs.length === 0) return 'its header cannot be decrypted or decoded';
  return packSize(blobs) === size ? blobs : 'its header describes a file of another size';
}
