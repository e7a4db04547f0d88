import type { PackId } from '../format/blob.ts';
import { fetchBlobs, fetchSize, type BlobSpans, type FetchedBlob } from '../pack/fetch-blobs.ts';
import type { Storage } from '../storage/storage.ts';
import type { WantedBlob } from './restore-messages.ts';

/** A blob's sealed bytes, or why they cannot be had, as the rest of a sentence. */
export interface FetchedWanted {
  readonly wanted: WantedBlob;
  readonly sealed: Buffer | string;
}

/** Bytes that `fetchWanted` reads for blobs of one pack, with what lies between them. */
export function fetchWantedSize(blobs: readonly WantedBlob[]): number {
  return fetchSize(spansOf(sortByOffset(blobs)));
}

/** Fetches blobs of one pack, in any order, as `fetchBlobs` does. What is given holds until the next are asked for. */
export function fetchWanted(
  storage: Storage,
  pack: PackId,
  blobs: readonly WantedBlob[],
): AsyncGenerator<readonly FetchedWanted[]> {
  const sorted = sortByOffset(blobs);
  return withWanted(sorted, fetchBlobs(storage, pack, spansOf(sorted)));
}

async function* withWanted(
  sorted: readonly WantedBlob[],
  fetching: AsyncGenerator<readonly FetchedBlob[]>,
): AsyncGenerator<readonly FetchedWanted[]> {
  for await (const fetched of fetching) {
    yield fetched.map(({ at, sealed }) => ({ wanted: sorted[at] as WantedBlob, sealed }));
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
