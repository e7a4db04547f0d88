import type { BackupType } from '@enterprise-backup/contracts/catalog';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { JobView, PointView } from '@enterprise-backup/contracts/orchestrator';
import { formatCounted } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { formatSize } from '../format/size.ts';
import { findPoint } from '../platform/find-point.ts';
import type { PlatformClient } from '../platform/platform-client.ts';
import { filesOf } from '../views/evidence-text.ts';
import { writeSkippedItems } from '../views/skipped-items.ts';
import { assertJobCompleted, watchJob } from '../watch/watch-job.ts';
import type { Story } from './story.ts';
import { backupRow } from './summary-rows.ts';

/** A backup that was made: its job and its recovery point. */
export interface MadeBackup {
  readonly job: JobView;
  readonly point: PointView;
}

/**
 * Backs up a source system through the orchestrator and tells about it. Throws the error of the job when it fails, and
 * CANCELLED on Ctrl-C.
 */
export async function backUpSource(
  story: Story,
  platform: PlatformClient,
  sourceSystem: string,
  type: BackupType,
): Promise<MadeBackup> {
  const { context } = story;
  const step = `${type} backup`;
  await finishInterruptedJob(story, platform, sourceSystem);
  const started = await platform.orchestrator('start_backup', { source_system: sourceSystem, backup_type: type });
  const job = await watchJob(context, platform, started.job.backup_id, step);
  assertJobCompleted(job);
  const point = await findPoint(platform, sourceSystem, job.backup_id);
  if (point === null) {
    throw new PlatformError('BACKUP_NOT_FOUND', `${job.backup_id} is completed, and its recovery point is not listed`);
  }
  const { evidence } = point;
  story.rows.push(backupRow(step, evidence));
  const text = [
    `${job.backup_id}: ${formatCounted(filesOf(evidence), 'file')}`,
    `${formatSize(evidence.bytes_read)} read`,
    `${formatSize(evidence.bytes_stored)} stored`,
    formatDuration(evidence.duration_seconds),
  ].join(', ');
  story.done(step, text, { backup_id: job.backup_id, evidence });
  writeSkippedItems(context.output, '   not in the point:', evidence.skipped, evidence.skipped_count);
  return { job, point };
}

/** A start that was ended in the middle of a backup leaves its job waiting; the agent finishes it first. */
async function finishInterruptedJob(story: Story, platform: PlatformClient, sourceSystem: string): Promise<void> {
  for (const status of ['running', 'pending'] as const) {
    const { jobs } = await platform.orchestrator('list_jobs', { source_system: sourceSystem, status });
    for (const { backup_id } of jobs) {
      story.note(`finishing ${backup_id}, which was started before`);
      await watchJob(story.context, platform, backup_id, `finishing ${backup_id}`);
    }
  }
}
