import { snapshotId } from '@enterprise-backup/contracts/ids';
import { backupResult } from '@enterprise-backup/contracts/tasks';
import type { SnapshotEntry } from '@enterprise-backup/repository/snapshots';
import { expect, it } from 'vitest';
import { adoptedResult } from './adopted-result.ts';

const id = snapshotId.parse('ab'.repeat(32));
const snapshot = { time: '2026-11-22T23:00:10Z', paths: ['/srv/real'], tags: [] };
const summary = {
  backup_start: '2026-11-22T23:00:00.5Z',
  backup_end: '2026-11-22T23:00:10Z',
  files_new: 1,
  files_changed: 2,
  files_unmodified: 3,
  dirs_new: 4,
  dirs_changed: 5,
  dirs_unmodified: 6,
  data_blobs: 7,
  tree_blobs: 8,
  data_added: 9,
  data_added_packed: 10,
  total_files_processed: 11,
  total_bytes_processed: 12,
};

it('takes the evidence from the summary and says what is not known', () => {
  const result = adoptedResult({ id, snapshot: { ...snapshot, summary } } as unknown as SnapshotEntry, '/srv/link');
  expect(backupResult.parse(result)).toEqual(result);
  expect(result).toMatchObject({
    snapshot_id: id,
    source_path: '/srv/real',
    files_new: 1,
    files_changed: 2,
    files_unmodified: 3,
    folders: 15,
    bytes_processed: 12,
    bytes_read: 0,
    bytes_added: 9,
    bytes_stored: 10,
    skipped_count: 1,
    duration_seconds: 9.5,
  });
});

it('makes a valid result of a snapshot without a summary', () => {
  const result = adoptedResult({ id, snapshot } as unknown as SnapshotEntry, '/srv/link');
  expect(backupResult.parse(result)).toMatchObject({ files_new: 0, duration_seconds: 0 });
});
