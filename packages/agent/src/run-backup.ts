import type { BackupResult, BackupTask } from '@enterprise-backup/contracts/tasks';
import { openSource } from '@enterprise-backup/sources/open-source';
import { adoptedResult } from './adopted-result.ts';
import { findEarlierSnapshot } from './earlier-snapshot.ts';
import { openOrInitRepository } from './open-task-repository.ts';
import { snapshotTags } from './snapshot-tags.ts';
import type { TaskContext } from './task-context.ts';

/**
 * Protects a source once. When an earlier attempt wrote the job's snapshot and was cut off before it could say so, that
 * snapshot is the result: a job never makes two.
 */
export async function runBackup(task: BackupTask, context: TaskContext): Promise<BackupResult> {
  const earlier = context.isRetry ? await findEarlierSnapshot(task, context) : undefined;
  if (earlier !== undefined) {
    context.log.info('an earlier attempt wrote the snapshot', { snapshot_id: earlier.id });
    return adoptedResult(earlier, task.source.path);
  }
  const { folder } = await openSource(task.source).check(task.repository.location);
  const repository = await openOrInitRepository(
    task.repository,
    task.repository_has_points,
    context,
    async (storage) => {
      (await import('@enterprise-backup/repository/prepare-backup')).prepareBackup(storage);
    },
  );
  const { backup } = await import('@enterprise-backup/repository/backup');
  const result = await backup(repository, {
    source: folder,
    parent: task.parent_snapshot_id,
    excludes: task.source.excludes,
    allowEmpty: task.source.allow_empty,
    tags: snapshotTags(task),
    onProgress: context.onProgress,
    signal: context.signal,
  });
  return { kind: 'backup', ...result };
}
