import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { BackupTask } from '@enterprise-backup/contracts/tasks';
import type { SnapshotEntry } from '@enterprise-backup/repository/snapshots';
import { openTaskRepository } from './open-task-repository.ts';
import { isSnapshotOf } from './snapshot-tags.ts';
import type { TaskContext } from './task-context.ts';

/**
 * The snapshot that an earlier attempt of the job wrote, if one did. A snapshot is written last, so one that is there is
 * whole.
 */
export async function findEarlierSnapshot(task: BackupTask, context: TaskContext): Promise<SnapshotEntry | undefined> {
  try {
    const repository = await openTaskRepository(task.repository, context);
    const { listSnapshots } = await import('@enterprise-backup/repository/snapshots');
    const snapshots = await listSnapshots(repository);
    return snapshots.findLast(({ snapshot }) => isSnapshotOf(task, snapshot.tags ?? []));
  } catch (error) {
    // The earlier attempt of a first backup may have ended before it made the repository.
    if (error instanceof PlatformError && error.code === 'REPOSITORY_NOT_FOUND') return undefined;
    throw error;
  }
}
