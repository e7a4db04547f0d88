import type { SealingKey } from '../crypto/sealing.ts';
import type { PackedBlob, PackId } from '../format/blob.ts';
import type { StorageDescription } from '../storage/storage-description.ts';

/** What each thread that repacks is given. */
export interface RepackWorkerData {
  readonly storage: StorageDescription;
  readonly key: SealingKey;
  readonly version: 1 | 2;
}

/** What the threads are asked: to store blobs of a pack anew, or to store what they have collected. */
export type RepackRequest =
  | {
      readonly kind: 'pack';
      readonly pack: PackId;
      /** Words of `CompactBlobs`, in ascending order of their offsets. */
      readonly blobs: Uint32Array<ArrayBuffer>;
    }
  | { readonly kind: 'flush' };

/** A blob that cannot be taken from this pack, and why, as the rest of a sentence. */
export interface DamagedCopy {
  readonly pack: PackId;
  readonly blob: PackedBlob;
  readonly reason: string;
}

export interface RepackResponse {
  readonly damaged: readonly DamagedCopy[];
}

/** What the threads tell meanwhile: bytes they have fetched, and packs that are stored. */
export type RepackNotice =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | {
      readonly kind: 'pack';
      /** What an index file says of the pack, encoded: as objects, the blobs of small files would fill the memory. */
      readonly entry: Uint8Array;
      readonly blobs: number;
      readonly size: number;
    };
