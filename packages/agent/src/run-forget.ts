import type { ForgetResult, ForgetTask } from '@enterprise-backup/contracts/tasks';
import { forgetSnapshots } from '@enterprise-backup/repository/snapshots';
import { openTaskRepository } from './open-task-repository.ts';
import type { TaskContext } from './task-context.ts';

/** Removes the snapshots that an applied retention plan names; one that is gone already counts as removed. */
export async function runForget(task: ForgetTask, context: TaskContext): Promise<ForgetResult> {
  const repository = await openTaskRepository(task.repository, context);
  await forgetSnapshots(repository, task.snapshot_ids);
  return { kind: 'forget', snapshot_ids: task.snapshot_ids };
}
