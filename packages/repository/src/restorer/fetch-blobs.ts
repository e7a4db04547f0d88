import type { PackId } from '../format/blob.ts';
import { fetchRanges, rangesOf, type BlobSpans } from '../pack/fetch-ranges.ts';
import type { Storage } from '../storage/storage.ts';
import type { WantedBlob } from './restore-messages.ts';

/** A blob's sealed bytes, or why they cannot be had, as the rest of a sentence. */
export interface FetchedBlob {
  readonly wanted: WantedBlob;
  readonly sealed: Buffer | string;
}

/** Bytes that `fetchBlobs` reads for blobs of one pack, with what lies between them. */
export function fetchSize(blobs: readonly WantedBlob[]): number {
  let size = 0;
  for (const { length } of rangesOf(spansOf(sortByOffset(blobs)))) size += length;
  return size;
}

/** Fetches blobs of one pack as `fetchRanges` does. What is given holds until the next is asked for. */
export async function* fetchBlobs(
  storage: Storage,
  pack: PackId,
  blobs: readonly WantedBlob[],
): AsyncGenerator<FetchedBlob> {
  const sorted = sortByOffset(blobs);
  for await (const { offset, first, end, data } of fetchRanges(storage, pack, spansOf(sorted))) {
    for (const wanted of sorted.slice(first, end)) {
      const from = wanted.blob.offset - offset;
      yield { wanted, sealed: typeof data === 'string' ? data : data.subarray(from, from + wanted.blob.length) };
    }
  }
}

function sortByOffset(blobs: readonly WantedBlob[]): readonly WantedBlob[] {
  return [...blobs].sort((left, right) => left.blob.offset - right.blob.offset);
}

function spansOf(blobs: readonly WantedBlob[]): BlobSpans {
  return {
    length: blobs.length,
    offsetAt: (at) => blobs[at]?.blob.offset ?? 0,
    lengthAt: (at) => blobs[at]?.blob.length ?? 0,
  };
}
