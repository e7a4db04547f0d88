import type { SnapshotId } from '@enterprise-backup/contracts/ids';

/**
 * What a check found. `harmless` things cost at most space; an `error` means that something cannot be restored, or that
 * the repository says something untrue.
 */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'harmless' | 'error';
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** Every snapshot that it touches. */
  readonly points: readonly SnapshotId[];
  /** Files and folders that it touches: the first of them, in the form `<snapshot>:<path>`. */
  readonly affected: readonly string[];
}

/** Codes of findings; they are never renamed. */
export type FindingCode =
  | 'BLOB_DAMAGED'
  | 'BLOB_MISSING'
  | 'FILE_SIZE_WRONG'
  | 'INDEX_DAMAGED'
  | 'INDEX_DISAGREES'
  | 'KEY_DAMAGED'
  | 'PACK_DAMAGED'
  | 'PACK_INDEXED_TWICE'
  | 'PACK_MISSING'
  | 'PACK_MIXED'
  | 'PACK_NOT_INDEXED'
  | 'PACK_SIZE_WRONG'
  | 'SNAPSHOT_DAMAGED'
  | 'TREE_DAMAGED'
  | 'TREE_HOSTILE'
  | 'TREE_UNSORTED';

/** Findings of one code that are told one by one; further ones are counted. */
export const findingsNamed = 1000;
