import type { VerifyResult, VerifyTask } from '@enterprise-backup/contracts/tasks';
import { verifyTarget } from '@enterprise-backup/repository/verify-target';
import { openTaskRepository } from './open-task-repository.ts';
import type { TaskContext } from './task-context.ts';

/** Compares what a recovery wrote with its point. A difference is part of the result, not an error. */
export async function runVerify(task: VerifyTask, context: TaskContext): Promise<VerifyResult> {
  const repository = await openTaskRepository(task.repository, context);
  const result = await verifyTarget(repository, {
    snapshot: task.snapshot_id,
    folder: task.source_path,
    target: task.target.path,
    include: task.include,
    onProgress: context.onProgress,
    signal: context.signal,
  });
  return { kind: 'verify', ...result };
}
