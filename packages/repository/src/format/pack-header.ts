import { asBlobId, type BlobList, type BlobType, type PackedBlob } from './blob.ts';
import { sealingOverhead } from '../crypto/sealing.ts';

/** Bytes of the unsealed little-endian length that ends a pack. */
export const headerLengthSize = 4;
const plainEntrySize = 37;
const compressedEntrySize = 41;
/** Largest sealed header that readers of the format accept. */
export const maximumHeaderSize = 16 * 1024 * 1024;

/** Size in bytes of a pack without blobs: sealed header, length field. */
export const emptyPackSize = sealingOverhead + headerLengthSize;

/** Bytes that a blob adds to its pack, with its entry in the header. */
export function sizeInPack(blob: Pick<PackedBlob, 'length' | 'uncompressedLength'>): number {
  return blob.length + entrySize(blob);
}

/** Size in bytes of a pack that holds these blobs. */
export function packSize(blobs: BlobList): number {
  let size = emptyPackSize;
  for (const blob of blobs) size += sizeInPack(blob);
  return size;
}

function entrySize(blob: Pick<PackedBlob, 'uncompressedLength'>): number {
  return blob.uncompressedLength === 0 ? plainEntrySize : compressedEntrySize;
}

/** Encodes the header of a pack: one entry for each blob, in the order in which they lie. Source: restic's design document, "Pack Format". */
export function encodePackHeader(blobs: BlobList): Buffer {
  const header = Buffer.allocUnsafe(blobs.length * compressedEntrySize);
  let at = 0;
  for (const blob of blobs) {
    const compressed = blob.uncompressedLength !== 0;
    at = header.writeUInt8((blob.type === 'tree' ? 1 : 0) + (compressed ? 2 : 0), at);
    at = header.writeUInt32LE(blob.length, at);
    if (compressed) at = header.writeUInt32LE(blob.uncompressedLength, at);
    at += header.write(blob.id, at, 'hex');
  }
  return header.subarray(0, at);
}

/** Decodes an unsealed pack header. Returns null when it has an unknown entry type or ends within an entry. */
export function decodePackHeader(header: Buffer): PackedBlob[] | null {
  const blobs: PackedBlob[] = [];
  let offset = 0;
  for (let at = 0; at < header.byteLength;) {
    const kind = header.readUInt8(at);
    if (kind > 3) return null;
    const compressed = kind >= 2;
    const size = compressed ? compressedEntrySize : plainEntrySize;
    if (at + size > header.byteLength) return null;
    const length = header.readUInt32LE(at + 1);
    const type: BlobType = kind % 2 === 1 ? 'tree' : 'data';
    const uncompressedLength = compressed ? header.readUInt32LE(at + 5) : 0;
    const id = asBlobId(header.toString('hex', at + size - 32, at + size));
    blobs.push({ id, type, offset, length, uncompressedLength });
    offset += length;
    at += size;
  }
  return blobs;
}
