import type { BackupResult } from '@enterprise-backup/contracts/tasks';
import type { SnapshotEntry } from '@enterprise-backup/repository/snapshots';

/**
 * The evidence of a snapshot that an earlier attempt wrote before it was cut off, from the snapshot's own summary. What
 * the summary does not hold is said instead of guessed: the bytes that were read are 0, and one entry of `skipped` tells
 * that the list of skipped items ended with the attempt.
 */
export function adoptedResult({ id, snapshot }: SnapshotEntry, sourcePath: string): BackupResult {
  const summary = snapshot.summary;
  return {
    kind: 'backup',
    snapshot_id: id,
    source_path: snapshot.paths?.[0] ?? sourcePath,
    files_new: summary?.files_new ?? 0,
    files_changed: summary?.files_changed ?? 0,
    files_unmodified: summary?.files_unmodified ?? 0,
    folders: (summary?.dirs_new ?? 0) + (summary?.dirs_changed ?? 0) + (summary?.dirs_unmodified ?? 0),
    bytes_processed: summary?.total_bytes_processed ?? 0,
    bytes_read: 0,
    bytes_added: summary?.data_added ?? 0,
    bytes_stored: summary?.data_added_packed ?? 0,
    skipped_count: 1,
    skipped: [
      {
        path: sourcePath,
        code: 'ATTEMPT_CUT_OFF',
        message: 'an earlier attempt wrote this point and ended before it could report what it read and left out',
      },
    ],
    duration_seconds: summary === undefined ? 0 : secondsBetween(summary.backup_start, summary.backup_end),
  };
}

function secondsBetween(start: string | undefined, end: string | undefined): number {
  if (start === undefined || end === undefined) return 0;
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}
