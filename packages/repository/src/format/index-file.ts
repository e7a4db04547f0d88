import { asBlobId, asPackId, isId, type PackContents, type PackedBlob } from './blob.ts';
import { parseTime } from './node-time.ts';

const maximumBlobSize = 2 ** 32 - 1;

/**
 * A pack that prune has taken out of the index and will delete after a grace period. It stands in the list
 * `packs_to_delete` of an index file, which rustic introduced: restic ignores the list, so that to restic no index lists
 * the pack.
 */
export interface MarkedPack extends PackContents {
  /** When it was marked, in milliseconds since 1970; null when nobody wrote that down. */
  readonly markedAt: number | null;
  /** Size of a pack whose blobs nobody knew, as no index listed it; null otherwise. */
  readonly size: number | null;
}

/** What an index file says. */
export interface IndexFile {
  readonly packs: readonly PackContents[];
  readonly marked: readonly MarkedPack[];
}

/** Encodes an index file: compact JSON in restic's field order, blobs by offset. Marked packs, if any, as rustic has them. */
export function encodeIndexFile(packs: readonly PackContents[], marked: readonly MarkedPack[] = []): Buffer {
  const packsToDelete = marked.map((pack) => ({
    ...packFields(pack),
    ...(pack.markedAt === null ? {} : { time: new Date(pack.markedAt).toISOString() }),
    ...(pack.size === null ? {} : { size: pack.size }),
  }));
  return joinIndexPacks(packs.map(encodeIndexPack), packsToDelete);
}

/** An index file of packs that are encoded already. */
export function joinIndexPacks(packs: readonly string[], packsToDelete: readonly object[] = []): Buffer {
  const marks = packsToDelete.length === 0 ? '' : `,"packs_to_delete":${JSON.stringify(packsToDelete)}`;
  return Buffer.from(`{"packs":[${packs.join(',')}]${marks}}\n`);
}

/** Encodes what an index file says of one pack. */
export function encodeIndexPack(pack: PackContents): string {
  return JSON.stringify(packFields(pack));
}

function packFields({ id, blobs }: PackContents): object {
  return {
    id,
    blobs: blobs.map((blob) => ({
      id: blob.id,
      type: blob.type,
      offset: blob.offset,
      length: blob.length,
      ...(blob.uncompressedLength === 0 ? {} : { uncompressed_length: blob.uncompressedLength }),
    })),
  };
}

/**
 * Decodes the packs of an index file, blobs of each pack sorted by offset. Marked packs are not among them. Unknown fields
 * are ignored (rustic writes some), the bare array of restic 0.1 is read too. Returns null when the JSON or a field is
 * wrong.
 */
export function decodeIndexFile(json: Buffer): PackContents[] | null {
  return decodePacks(parseJson(json));
}

/** As `decodeIndexFile`, with the marked packs. */
export function decodeIndexFileWithMarks(json: Buffer): IndexFile | null {
  const parsed = parseJson(json);
  const packs = decodePacks(parsed);
  const marks = isRecord(parsed) ? (parsed.packs_to_delete ?? []) : [];
  if (packs === null || !Array.isArray(marks)) return null;
  const marked: MarkedPack[] = [];
  for (const mark of marks as readonly unknown[]) {
    const contents = decodePack(mark);
    if (contents === null || !isRecord(mark)) return null;
    const size = isBlobSize(mark.size) ? mark.size : null;
    marked.push({ ...contents, markedAt: markTime(mark.time), size });
  }
  return { packs, marked };
}

/** Null for what cannot be a time of a mark, before 1970 or after 9999: the grace then starts anew. */
function markTime(value: unknown): number | null {
  const time = typeof value === 'string' ? parseTime(value) : null;
  const milliseconds = time === null ? -1 : Number(time / 1_000_000n);
  return milliseconds >= 0 && milliseconds < Date.UTC(10_000, 0) ? milliseconds : null;
}

function decodePacks(parsed: unknown): PackContents[] | null {
  const packs = isRecord(parsed) ? parsed.packs : parsed;
  if (!Array.isArray(packs)) return null;
  const decoded: PackContents[] = [];
  for (const pack of packs as readonly unknown[]) {
    const contents = decodePack(pack);
    if (contents === null) return null;
    decoded.push(contents);
  }
  return decoded;
}

function decodePack(pack: unknown): PackContents | null {
  if (!isRecord(pack) || !isId(pack.id) || !Array.isArray(pack.blobs)) return null;
  const blobs: PackedBlob[] = [];
  for (const entry of pack.blobs as readonly unknown[]) {
    const blob = decodeEntry(entry);
    if (blob === null) return null;
    blobs.push(blob);
  }
  blobs.sort((left, right) => left.offset - right.offset);
  return { id: asPackId(pack.id), blobs };
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
