import type { BackupResult } from '@enterprise-backup/contracts/tasks';
import { formatCount, formatCounted } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { formatSize } from '../format/size.ts';

/** What a backup did, without the discriminating kind: the engine's own result has none. */
export type BackupEvidence = Omit<BackupResult, 'kind'>;

/** The number of files in a point. */
export function filesOf(evidence: BackupEvidence): number {
  return evidence.files_new + evidence.files_changed + evidence.files_unmodified;
}

/** The evidence of a backup as fields of {@link writeFields}. */
export function evidenceFields(evidence: BackupEvidence): readonly (readonly [string, string | null])[] {
  const { files_new, files_changed, files_unmodified, folders } = evidence;
  const kinds = [
    `${formatCount(files_new)} new`,
    `${formatCount(files_changed)} changed`,
    `${formatCount(files_unmodified)} unmodified`,
  ];
  return [
    [
      'content',
      `${formatCounted(filesOf(evidence), 'file')} and ${formatCounted(folders, 'folder')}, ${formatSize(evidence.bytes_processed)}`,
    ],
    ['files', kinds.join(', ')],
    ['read', formatSize(evidence.bytes_read)],
    ['stored', `${formatSize(evidence.bytes_stored)} of ${formatSize(evidence.bytes_added)} new data`],
    ['took', formatDuration(evidence.duration_seconds)],
    ['snapshot', evidence.snapshot_id],
  ];
}
