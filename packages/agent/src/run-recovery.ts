import type { RecoveryResult, RecoveryTask } from '@enterprise-backup/contracts/tasks';
import { openTarget } from '@enterprise-backup/sources/open-target';
import { openTaskRepository } from './open-task-repository.ts';
import type { TaskContext } from './task-context.ts';

/** Restores a point into its target and verifies each file, or finds out what that would write. */
export async function runRecovery(task: RecoveryTask, context: TaskContext): Promise<RecoveryResult> {
  const { folder } = await openTarget(task.target).check({
    sourceFolder: task.source_path,
    repositoryLocation: task.repository.location,
    resuming: context.isRetry,
  });
  const repository = await openTaskRepository(task.repository, context, async (storage) => {
    (await import('@enterprise-backup/repository/prepare-restore')).prepareRestore(storage);
  });
  const { restore } = await import('@enterprise-backup/repository/restore');
  const result = await restore(repository, {
    snapshot: task.snapshot_id,
    folder: task.source_path,
    target: folder,
    include: task.include,
    dryRun: task.dry_run,
    onProgress: context.onProgress,
    signal: context.signal,
  });
  return { kind: 'recovery', ...result };
}
