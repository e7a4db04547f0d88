import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { PackId } from '../format/blob.ts';
import { releaseMemory } from '../release-memory.ts';
import type { Storage } from '../storage/storage.ts';

/** Blobs nearer than this are fetched in one request: what lies between costs less than another request. */
const largestGap = 256 * 1024;
/** And no request is larger than this, so that memory stays bounded: two are held at a time. */
const largestFetch = 4 * 1024 * 1024;

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

/** The bytes of a range, or why they cannot be had, as the rest of a sentence. */
export interface FetchedRange extends PackRange {
  readonly data: Buffer | string;
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

/**
 * Fetches blobs of one pack with few ranged reads, each while the one before it is worked on. A pack that is missing or too short
 * makes its blobs unavailable; other failures of the storage are thrown. What is given holds until the next is asked for: the
 * memory of a range is given back then, as it would otherwise pile up until it is collected.
 */
export async function* fetchRanges(storage: Storage, pack: PackId, spans: BlobSpans): AsyncGenerator<FetchedRange> {
  const begin = (range: PackRange | undefined) => {
    if (range === undefined) return null;
    const data = fetchRange(storage, pack, range);
    // A failure surfaces when the turn of the range comes; without this it would end the process as unhandled before that.
    data.catch(() => undefined);
    return { range, data };
  };
  const ranges = [...rangesOf(spans)];
  let fetching = begin(ranges.shift());
  while (fetching !== null) {
    const { range, data: promised } = fetching;
    const data = await promised;
    fetching = begin(ranges.shift());
    yield { ...range, data };
    if (typeof data !== 'string') releaseMemory(data);
  }
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
