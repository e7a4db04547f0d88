import { asBlobId, asPackId, isId, type PackContents, type PackedBlob } from './blob.ts';

const maximumBlobSize = 2 ** 32 - 1;

/** Encodes an index file: compact JSON in restic's field order, blobs by offset. */
export function encodeIndexFile(packs: readonly PackContents[]): Buffer {
  const encoded = packs.map((pack) => ({
    id: pack.id,
    blobs: pack.blobs.map((blob) => ({
      id: blob.id,
      type: blob.type,
      offset: blob.offset,
      length: blob.length,
      ...(blob.uncompressedLength === 0 ? {} : { uncompressed_length: blob.uncompressedLength }),
    })),
  }));
  return Buffer.from(`${JSON.stringify({ packs: encoded })}\n`);
}

/**
 * Decodes an index file, blobs of each pack sorted by offset. Unknown fields are ignored (rustic writes some), the bare
 * array of restic 0.1 is read too. Returns null when the JSON or a field is wrong.
 */
export function decodeIndexFile(json: Buffer): PackContents[] | null {
  const parsed = parseJson(json);
  const packs = isRecord(parsed) ? parsed.packs : parsed;
  if (!Array.isArray(packs)) return null;
  const decoded: PackContents[] = [];
  for (const pack of packs as readonly unknown[]) {
    if (!isRecord(pack) || !isId(pack.id) || !Array.isArray(pack.blobs)) return null;
    const blobs: PackedBlob[] = [];
    for (const entry of pack.blobs as readonly unknown[]) {
      const blob = decodeEntry(entry);
      if (blob === null) return null;
      blobs.push(blob);
    }
    blobs.sort((left, right) => left.offset - right.offset);
    decoded.push({ id: asPackId(pack.id), blobs });
  }
  return decoded;
}

function decodeEntry(entry: unknown): PackedBlob | null {
  if (!isRecord(entry)) return null;
  const { id, type, offset, length, uncompressed_length: uncompressedLength = 0 } = entry;
  if (!isId(id) || (type !== 'data' && type !== 'tree')) return null;
  if (!isBlobSize(offset) || !isBlobSize(length) || !isBlobSize(uncompressedLength)) return null;
  return { id: asBlobId(id), type, offset, length, uncompressedLength };
}

function isBlobSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maximumBlobSize;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    return null;
  }
}
