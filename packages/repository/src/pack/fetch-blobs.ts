import { setImmediate as nextTurn } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { PackId } from '../format/blob.ts';
import { releaseMemory } from '../release-memory.ts';
import type { Storage } from '../storage/storage.ts';

/** Blobs nearer than this are fetched in one request: what lies between costs less than another request. */
const largestGap = 256 * 1024;
/**
 * And no request is larger than this but for a blob that is. Two are held at a time, and a third where another pack waits for
 * its thread.
 */
const largestFetch = 4 * 1024 * 1024;
/** Sealed bytes of small blobs that are given at a time: some milliseconds of work. */
const batchSize = 256 * 1024;

/** Where blobs of a pack lie, in bytes, in ascending order of their offsets. */
export interface BlobSpans {
  readonly length: number;
  offsetAt(blob: number): number;
  lengthAt(blob: number): number;
}

/** A part of a pack that holds the blobs from `first` up to `end`. Offset and length in bytes. */
export interface PackRange {
  readonly offset: number;
  readonly length: number;
  readonly first: number;
  readonly end: number;
}

/** A blob's sealed bytes, by its position among those that were asked for, or why they cannot be had, as the rest of a sentence. */
export interface FetchedBlob {
  readonly at: number;
  readonly sealed: Buffer | string;
}

/** Few parts of a pack that hold the blobs, each to be read at once. */
export function* rangesOf(spans: BlobSpans): Generator<PackRange> {
  let first = 0;
  let offset = 0;
  let furthest = 0;
  for (let blob = 0; blob < spans.length; blob += 1) {
    const start = spans.offsetAt(blob);
    const end = start + spans.lengthAt(blob);
    const joins = start - furthest <= largestGap && end - offset <= largestFetch;
    if (blob > first && !joins) {
      yield { offset, length: furthest - offset, first, end: blob };
      first = blob;
    }
    if (blob === first) {
      offset = start;
      furthest = end;
    }
    furthest = Math.max(furthest, end);
  }
  if (spans.length > 0) yield { offset, length: furthest - offset, first, end: spans.length };
}

/** Bytes that `fetchBlobs` reads for these blobs, with what lies between them. */
export function fetchSize(spans: BlobSpans): number {
  let size = 0;
  for (const { length } of rangesOf(spans)) size += length;
  return size;
}

/**
 * Fetches blobs of one pack with few ranged reads, the first at once and each other one while the blobs of the one before it
 * are worked on, and gives some at a time. A pack that is missing or too short makes its blobs unavailable; other failures of
 * the storage are thrown. What is given holds until the next are asked for: the memory of a range is given back then, as it
 * would otherwise pile up until it is collected.
 */
export function fetchBlobs(storage: Storage, pack: PackId, spans: BlobSpans): AsyncGenerator<readonly FetchedBlob[]> {
  const ranges = [...rangesOf(spans)];
  const begin = () => beginFetch(storage, pack, ranges.shift());
  return giveBlobs(spans, begin(), begin);
}

async function* giveBlobs(
  spans: BlobSpans,
  first: Fetching | null,
  begin: () => Fetching | null,
): AsyncGenerator<readonly FetchedBlob[]> {
  let fetching = first;
  while (fetching !== null) {
    const { range, promised } = fetching;
    const data = await promised;
    const next = begin();
    try {
      for (let at = range.first; at < range.end;) {
        // Without a turn in between, what is being fetched, for this pack or the next, would stand still meanwhile.
        await nextTurn();
        const blobs: FetchedBlob[] = [];
        for (let size = 0; at < range.end && size < batchSize; at += 1) {
          const from = spans.offsetAt(at) - range.offset;
          const length = spans.lengthAt(at);
          blobs.push({ at, sealed: typeof data === 'string' ? data : data.subarray(from, from + length) });
          size += length;
        }
        yield blobs;
      }
    } finally {
      if (typeof data !== 'string') releaseMemory(data);
    }
    fetching = next;
  }
}

/** A range that was asked for. */
interface Fetching {
  readonly range: PackRange;
  readonly promised: Promise<Buffer | string>;
}

function beginFetch(storage: Storage, pack: PackId, range: PackRange | undefined): Fetching | null {
  if (range === undefined) return null;
  const promised = fetchRange(storage, pack, range);
  // A failure surfaces when the turn of the range comes; unhandled until then, it would end the process.
  promised.catch(() => undefined);
  return { range, promised };
}

async function fetchRange(storage: Storage, pack: PackId, { offset, length }: PackRange): Promise<Buffer | string> {
  try {
    return await storage.get('data', pack, { offset, length });
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    if (error.code === 'STORAGE_FILE_MISSING') return `its pack ${pack} is missing`;
    if (error.code === 'FILE_DAMAGED') return `its pack ${pack} is too short`;
    throw error;
  }
}
