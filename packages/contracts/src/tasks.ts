import * as z from 'zod';
import { backupType, count, retentionDays, systemName, timestamp } from './catalog.ts';
import { backupId, recoveryId, snapshotId, taskId } from './ids.ts';
import { skippedItemsKept } from './skipped-items-kept.ts';
import { absolutePath, repositoryReference, sourceSettings, targetSettings } from './systems.ts';

/** Who may work on a task, until when. The generation grows with each holder; each write of a holder names it. */
export const lease = z.object({ owner: z.string().min(1).max(255), generation: z.int().min(1), expires_at: timestamp });
export type Lease = z.infer<typeof lease>;

/** Protect one source system once. */
export const backupTask = z.object({
  kind: z.literal('backup'),
  backup_id: backupId,
  /** When the job was made. With the id it names the job even where another catalog's jobs are in the same repository. */
  created_at: timestamp,
  job_name: systemName,
  source_system: systemName,
  backup_type: backupType,
  retention_days: retentionDays,
  source: sourceSettings,
  repository: repositoryReference,
  /** Whether the catalog has ever known a point in this repository: only if not, a missing repository is created. */
  repository_has_points: z.boolean(),
  /** The point that unchanged files are taken from: null for a full backup and for the first one. */
  parent_snapshot_id: snapshotId.nullable(),
});
export type BackupTask = z.infer<typeof backupTask>;

const recoveryFields = {
  recovery_id: recoveryId,
  backup_id: backupId,
  snapshot_id: snapshotId,
  /** Where the protected folder lies inside the snapshot; its content goes into the target's folder. */
  source_path: absolutePath,
  target: targetSettings,
  /** Patterns relative to the protected folder; empty means everything. */
  include: z.array(z.string()),
  repository: repositoryReference,
};

/** Restore one point into a target system, or, with dry_run, only find out what that would write. */
export const recoveryTask = z.object({ kind: z.literal('recovery'), ...recoveryFields, dry_run: z.boolean() });
export type RecoveryTask = z.infer<typeof recoveryTask>;

/** Compare what a recovery wrote with the point, without writing. */
export const verifyTask = z.object({ kind: z.literal('verify'), ...recoveryFields });
export type VerifyTask = z.infer<typeof verifyTask>;

/** Remove snapshots that an applied retention plan names. Data is removed later, by prune. */
export const forgetTask = z.object({
  kind: z.literal('forget'),
  repository: repositoryReference,
  snapshot_ids: z.array(snapshotId),
});
export type ForgetTask = z.infer<typeof forgetTask>;

/** What an agent executes. */
export const taskSpecification = z.discriminatedUnion('kind', [backupTask, recoveryTask, verifyTask, forgetTask]);
export type TaskSpecification = z.infer<typeof taskSpecification>;

/** Something that was left out of a point or of a recovery, and why. */
export const skippedItem = z.object({ path: z.string(), code: z.string(), message: z.string() });
export type SkippedItem = z.infer<typeof skippedItem>;

/** Evidence of a completed backup. All sizes in bytes. */
export const backupResult = z.object({
  kind: z.literal('backup'),
  snapshot_id: snapshotId,
  source_path: absolutePath,
  files_new: count,
  files_changed: count,
  files_unmodified: count,
  folders: count,
  /** Size of everything in the point. */
  bytes_processed: count,
  /** Bytes read from the source: unchanged files are not read. */
  bytes_read: count,
  /** New data before compression. */
  bytes_added: count,
  /** New data as stored: compressed, encrypted, with pack headers. */
  bytes_stored: count,
  skipped_count: count,
  skipped: z.array(skippedItem).max(skippedItemsKept),
  duration_seconds: z.number().min(0),
});
export type BackupResult = z.infer<typeof backupResult>;

/** Evidence of a completed recovery (or, with dry_run, what it would write). */
export const recoveryResult = z.object({
  kind: z.literal('recovery'),
  dry_run: z.boolean(),
  files_total: count,
  bytes_total: count,
  files_written: count,
  bytes_written: count,
  /** Files that already stood in the target with the right content. */
  files_unchanged: count,
  /** Files that stood in the target and were kept as they were, by the rule for overwriting. */
  files_kept: count.optional(),
  /** What was found to differ from the target, in a dry run too. */
  files_to_write: count.optional(),
  bytes_to_write: count.optional(),
  /** Read from the repository; in a dry run what would be. */
  bytes_fetched: count.optional(),
  files_verified: count,
  bytes_verified: count,
  /** Metadata that the target could not take, such as an owner without the right to set it. */
  skipped_count: count,
  skipped: z.array(skippedItem).max(skippedItemsKept),
  duration_seconds: z.number().min(0),
});
export type RecoveryResult = z.infer<typeof recoveryResult>;

/** Outcome of a verification. */
export const verifyResult = z.object({
  kind: z.literal('verify'),
  files_verified: count,
  bytes_verified: count,
  mismatch_count: count,
  mismatches: z.array(skippedItem).max(skippedItemsKept),
  duration_seconds: z.number().min(0),
});
export type VerifyResult = z.infer<typeof verifyResult>;

/** Outcome of a forget task: the snapshots that are gone now, also those that were gone before. */
export const forgetResult = z.object({ kind: z.literal('forget'), snapshot_ids: z.array(snapshotId) });
export type ForgetResult = z.infer<typeof forgetResult>;

/** What an agent hands in when it completes a task. */
export const taskResult = z.discriminatedUnion('kind', [backupResult, recoveryResult, verifyResult, forgetResult]);
export type TaskResult = z.infer<typeof taskResult>;

/** A task as an agent receives it. */
export const claimedTask = z.object({ task_id: taskId, lease, specification: taskSpecification });
export type ClaimedTask = z.infer<typeof claimedTask>;
