import type { BlobId, PackId } from '../format/blob.ts';
import type { PackedBlob } from '../format/blob.ts';
import type { SealingKey } from '../crypto/sealing.ts';
import type { StorageDescription } from '../storage/storage-description.ts';
import type { MetadataFault } from './apply-metadata.ts';
import type { PlannedPlace, TargetFile } from './restore-plan.ts';
import type { SharedTargetFileStates } from './target-file-states.ts';

/** What each thread that restores is given. */
export interface RestoreWorkerData {
  readonly storage: StorageDescription;
  readonly key: SealingKey;
  readonly target: string;
  /** Distinguishes the temporary files of this restore. */
  readonly operation: string;
}

/** A place in a file where a blob belongs. `offset` in bytes. */
export interface BlobUse {
  readonly file: TargetFile;
  readonly offset: number;
}

/** A blob to fetch and the places in files where it belongs. */
export interface WantedBlob {
  readonly blob: PackedBlob;
  readonly uses: readonly BlobUse[];
}

/** Content of a file as it ought to be: blobs and the length of each, in bytes. */
export interface ExpectedContent {
  readonly file: TargetFile;
  readonly content: readonly BlobId[];
  readonly lengths: readonly number[];
}

/** A file that is looked at before it is written, and where parts of it may be found. */
export interface SurveyedFile extends ExpectedContent {
  /** Whether the target holds a file of this name whose content counts. */
  readonly standing: boolean;
  /** Whether an earlier attempt left a temporary file. */
  readonly temporary: boolean;
}

/** What the threads are asked. Those that write are handed the states of all files, which threads change together. */
export type RestoreRequest =
  | {
      readonly kind: 'pack';
      readonly states: SharedTargetFileStates;
      readonly pack: PackId;
      /** As `encodeWantedBlobs` gives them. */
      readonly blobs: ArrayBuffer;
    }
  | { readonly kind: 'finish'; readonly states: SharedTargetFileStates; readonly files: readonly TargetFile[] }
  | { readonly kind: 'compare'; readonly files: readonly ExpectedContent[] }
  | {
      readonly kind: 'survey';
      readonly states: SharedTargetFileStates;
      readonly files: readonly SurveyedFile[];
      /** Whether only differing parts of standing files are written, and straight into them. */
      readonly inPlace: boolean;
      /** Whether right parts are brought into a temporary file; otherwise nothing is written. */
      readonly collect: boolean;
    }
  | { readonly kind: 'sync'; readonly folders: readonly Uint8Array[] }
  | { readonly kind: 'flush'; readonly places: readonly PlannedPlace[] };

/** What became of a file that was looked at. */
export interface Survey {
  readonly file: number;
  /** Whether it stands in the target with every byte right. */
  readonly same: boolean;
  /** Positions in its content of the blobs that must be fetched. */
  readonly wrong: readonly number[];
}

/** What the threads answer. Files are named by their number in the plan. */
export interface RestoreResponse {
  /** Blobs of a pack that are damaged there, and why. */
  readonly damaged: readonly { readonly id: BlobId; readonly reason: string }[];
  readonly faults: readonly { readonly file: number; readonly fault: MetadataFault }[];
  /** Files whose content is not what was expected, and why. */
  readonly differing: readonly { readonly file: number; readonly reason: string }[];
  readonly surveys: readonly Survey[];
  /** Bytes read from the storage. */
  readonly fetched: number;
  /** Whether file systems could be written out as a whole. */
  readonly synced: boolean;
}

/** Told in between: bytes written or compared, files ended. */
export interface RestoreNotice {
  readonly bytes: number;
  readonly files: number;
}
