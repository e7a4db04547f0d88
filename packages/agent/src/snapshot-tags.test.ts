import { backupTask } from '@enterprise-backup/contracts/tasks';
import { expect, it } from 'vitest';
import { isSnapshotOf, snapshotTags } from './snapshot-tags.ts';

const task = backupTask.parse({
  kind: 'backup',
  backup_id: 'backup-12',
  created_at: '2026-11-22T23:00:00.123Z',
  job_name: 'nightly',
  source_system: 'web-01',
  backup_type: 'full',
  retention_days: 30,
  source: { kind: 'filesystem', path: '/srv/web' },
  repository: { repository_id: 'repository-1', location: '/srv/repository', password_secret: 'password' },
  repository_has_points: false,
  parent_snapshot_id: null,
});

it('tells of a point what a new catalog has to know', () => {
  expect(snapshotTags(task)).toEqual([
    'job:backup-12',
    'job_created_at:2026-11-22T23:00:00.123Z',
    'job_name:nightly',
    'source:web-01',
    'type:full',
    'retention_days:30',
  ]);
});

it('knows the snapshot of the job again, and none of another job', () => {
  const tags = snapshotTags(task);
  expect(isSnapshotOf(task, ['added-by-hand', ...tags.toReversed()])).toBe(true);
  expect(isSnapshotOf(task, [])).toBe(false);
  expect(isSnapshotOf({ ...task, created_at: '2027-01-01T00:00:00.000Z' }, tags)).toBe(false);
  expect(isSnapshotOf({ ...task, source_system: 'web-02' }, tags)).toBe(false);
  expect(isSnapshotOf({ ...task, backup_id: backupTask.shape.backup_id.parse('backup-1') }, tags)).toBe(false);
});
