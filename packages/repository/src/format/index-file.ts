import { asBlobId, asPackId, isId, type PackContents, type PackedBlob, type PackListing } from './blob.ts';
import { parseTime } from './node-time.ts';

const maximumBlobSize = 2 ** 32 - 1;

/**
 * A pack that prune has taken out of the index and will delete after a grace period. It stands in the list
 * `packs_to_delete` of an index file, which rustic introduced: restic ignores the list, so that to restic no index lists
 * the pack.
 */
export interface MarkedPack extends PackContents, Mark {}

/** A marked pack that is to be written down, however its blobs are kept. */
export interface MarkedListing extends PackListing, Mark {}

interface Mark {
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
export function encodeIndexFile(packs: readonly PackListing[], marked: readonly MarkedListing[] = []): Buffer {
  const marks = marked.map((pack) => {
    const time = pack.markedAt === null ? '' : `,"time":"${new Date(pack.markedAt).toISOString()}"`;
    return encodeIndexPack(pack, pack.size === null ? time : `${time},"size":${pack.size}`);
  });
  return joinIndexPacks(
    packs.map((pack) => encodeIndexPack(pack)),
    marks,
  );
}

/** An index file of packs, and of marked ones, that are encoded already. */
export function joinIndexPacks(packs: readonly Uint8Array[], marked: readonly Uint8Array[] = []): Buffer {
  const marks = marked.length === 0 ? [] : [Buffer.from('],"packs_to_delete":['), ...separate(marked)];
  return Buffer.concat([Buffer.from('{"packs":['), ...separate(packs), ...marks, Buffer.from(']}\n')]);
}

const comma = Buffer.from(',');

function separate(entries: readonly Uint8Array[]): Uint8Array[] {
  return entries.flatMap((entry, at) => (at === 0 ? [entry] : [comma, entry]));
}

/** The most that a blob takes in an index file, with three numbers of ten digits and a comma before it. */
const longestBlob = 161;

/**
 * Encodes what an index file says of one pack, with further fields at its end. The result has its memory to itself, so that it
 * can be transferred to another thread.
 */
export function encodeIndexPack({ id, blobs }: PackListing, fields = ''): Buffer<ArrayBuffer> {
  const start = `{"id":"${id}","blobs":[`;
  const end = `]${fields}}`;
  const json = Buffer.allocUnsafeSlow(start.length + blobs.length * longestBlob + end.length);
  let at = json.write(start, 'latin1');
  let separator = '';
  for (const blob of blobs) {
    const uncompressed = blob.uncompressedLength === 0 ? '' : `,"uncompressed_length":${blob.uncompressedLength}`;
    const entry = `${separator}{"id":"${blob.id}","type":"${blob.type}","offset":${blob.offset},"length":${blob.length}${uncompressed}}`;
    at += json.write(entry, at, 'latin1');
    separator = ',';
  }
  at += json.write(end, at, 'latin1');
  return Buffer.from(json.buffer.transfer(at));
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
