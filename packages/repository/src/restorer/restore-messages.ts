import type { BlobId, PackId } from '../format/blob.ts';
import type { PackedBlob } from '../format/blob.ts';
import type { SealingKey } from '../crypto/sealing.ts';
import type { MetadataFault } from './apply-metadata.ts';
import type { StorageDescription } from '../storage/storage-description.ts';
import type { PlannedFile } from './restore-plan.ts';

/** What each thread that restores is given. */
export interface RestoreWorkerData {
  readonly storage: StorageDescription;
  readonly key: SealingKey;
  readonly target: string;
  /** Distinguishes the temporary files of this restore. */
  readonly operation: string;
  /** For each file of the plan, how many blobs are still to be written to it. */
  readonly remaining: SharedArrayBuffer;
}

/** A blob to fetch and the places in files where it belongs. */
export interface WantedBlob {
  readonly blob: PackedBlob;
  readonly uses: readonly { readonly file: PlannedFile; readonly offset: number }[];
}

/** Content of a file as it ought to be: blobs and the length of each, in bytes. */
export interface ExpectedContent {
  readonly file: PlannedFile;
  readonly lengths: readonly number[];
}

/** What the threads are asked. */
export type RestoreRequest =
  | { readonly kind: 'pack'; readonly pack: PackId; readonly blobs: readonly WantedBlob[] }
  | { readonly kind: 'empty'; readonly files: readonly PlannedFile[] }
  | { readonly kind: 'compare'; readonly files: readonly ExpectedContent[] };

/** What the threads answer. Files are named by their number in the plan. */
export interface RestoreResponse {
  /** Blobs of a pack that are damaged there, and why. */
  readonly damaged: readonly { readonly id: BlobId; readonly reason: string }[];
  readonly faults: readonly { readonly file: number; readonly fault: MetadataFault }[];
  /** Files whose content is not what was expected, and why. */
  readonly differing: readonly { readonly file: number; readonly reason: string }[];
}

/** Told in between: bytes written or compared, files ended. */
export interface RestoreNotice {
  readonly bytes: number;
  readonly files: number;
}
