import type { BackupTask } from '@enterprise-backup/contracts/tasks';

/**
 * The tags of a job's snapshot. They hold what the catalog knows of the point besides the evidence, so that a catalog
 * that was lost can be made again from the repository alone. A stock restic shows them and selects by them:
 * `restic snapshots --tag source:web-01`.
 */
export function snapshotTags(task: BackupTask): string[] {
  return [
    jobTag(task),
    `job_created_at:${task.created_at}`,
    `job_name:${task.job_name}`,
    `source:${task.source_system}`,
    `type:${task.backup_type}`,
    `retention_days:${task.retention_days}`,
  ];
}

/**
 * Whether a snapshot with these tags is the job's own. The id alone does not tell: after the loss of a catalog the next
 * one counts its jobs from 1 again, in the same repository.
 */
export function isSnapshotOf(task: BackupTask, tags: readonly string[]): boolean {
  return [jobTag(task), `job_created_at:${task.created_at}`, `source:${task.source_system}`].every((tag) =>
    tags.includes(tag),
  );
}

function jobTag(task: BackupTask): string {
  return `job:${task.backup_id}`;
}
