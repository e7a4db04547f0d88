import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { PackId } from '../format/blob.ts';
import type { Storage } from '../storage/storage.ts';
import type { WantedBlob } from './restore-messages.ts';

/** Blobs nearer than this are fetched in one request: what lies between costs less than another request. */
const largestGap = 256 * 1024;
/** And no request is larger than this, so that memory stays bounded. */
const largestFetch = 8 * 1024 * 1024;

/** A blob's sealed bytes, or why they cannot be had, as the rest of a sentence. */
export interface FetchedBlob {
  readonly wanted: WantedBlob;
  readonly sealed: Buffer | string;
}

/** Bytes that `fetchBlobs` reads for blobs of one pack, with what lies between them. */
export function fetchSize(blobs: readonly WantedBlob[]): number {
  return rangesOf(blobs).reduce((sum, { length }) => sum + length, 0);
}

/**
 * Fetches blobs of one pack with few ranged reads. A pack that is missing or too short makes its blobs unavailable;
 * other failures of the storage are thrown. What is given holds until the next is asked for: the memory of a range is
 * given back then, as it would otherwise pile up until it is collected.
 */
export async function* fetchBlobs(
  storage: Storage,
  pack: PackId,
  blobs: readonly WantedBlob[],
): AsyncGenerator<FetchedBlob> {
  for (const { offset, length, group } of rangesOf(blobs)) {
    const data = await fetchRange(storage, pack, offset, length);
    for (const wanted of group) {
      const from = wanted.blob.offset - offset;
      yield { wanted, sealed: typeof data === 'string' ? data : data.subarray(from, from + wanted.blob.length) };
    }
    if (typeof data !== 'string') release(data);
  }
}

/** Gives memory back at once, if the data has it to itself. */
function release({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

async function fetchRange(storage: Storage, pack: PackId, offset: number, length: number): Promise<Buffer | string> {
  try {
    return await storage.get('data', pack, { offset, length });
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    if (error.code === 'STORAGE_FILE_MISSING') return `its pack ${pack} is missing`;
    if (error.code === 'FILE_DAMAGED') return `its pack ${pack} is too short`;
    throw error;
  }
}

/** Ranges of a pack that hold the blobs, each to be read at once. */
function rangesOf(
  blobs: readonly WantedBlob[],
): { readonly offset: number; readonly length: number; readonly group: readonly WantedBlob[] }[] {
  const sorted = [...blobs].sort((left, right) => left.blob.offset - right.blob.offset);
  return groupNeighbours(sorted).map((group) => {
    const offset = group[0]?.blob.offset ?? 0;
    const end = group.reduce((furthest, { blob }) => Math.max(furthest, blob.offset + blob.length), 0);
    return { offset, length: end - offset, group };
  });
}

function groupNeighbours(sorted: readonly WantedBlob[]): WantedBlob[][] {
  const groups: WantedBlob[][] = [];
  let start = 0;
  let end = 0;
  for (const wanted of sorted) {
    const { offset, length } = wanted.blob;
    const group = groups.at(-1);
    if (group !== undefined && offset - end <= largestGap && offset + length - start <= largestFetch) {
      group.push(wanted);
    } else {
      groups.push([wanted]);
      start = offset;
    }
    end = Math.max(end, offset + length);
  }
  return groups;
}
