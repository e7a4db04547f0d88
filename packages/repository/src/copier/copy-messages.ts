import type { SealingKey } from '../crypto/sealing.ts';
import type { PackedBlob, PackId } from '../format/blob.ts';
import type { StorageDescription } from '../storage/storage-description.ts';

/** What each thread that copies blobs is given. */
export interface CopyWorkerData {
  readonly source: StorageDescription;
  readonly sourceKey: SealingKey;
  readonly target: StorageDescription;
  readonly targetKey: SealingKey;
  /** Format of the target. */
  readonly version: 1 | 2;
  /** Whether each stored pack is read back from the target. */
  readonly readBack: boolean;
}

/** What the threads are asked. */
export type CopyRequest =
  { readonly kind: 'pack'; readonly pack: PackId; readonly blobs: readonly PackedBlob[] } | { readonly kind: 'flush' };

/** What the threads answer: blobs that cannot be had from that pack, and why, as the end of a sentence. */
export interface CopyResponse {
  readonly failed: readonly { readonly blob: PackedBlob; readonly reason: string }[];
}

/** Told in between: bytes fetched from the source, or a pack that was stored and verified. */
export type CopyNotice =
  | { readonly kind: 'fetched'; readonly bytes: number }
  | {
      readonly kind: 'stored';
      /** What an index file says of the pack, encoded. */
      readonly entry: Uint8Array;
      readonly blobs: number;
      readonly size: number;
      readonly plainBytes: number;
    };
