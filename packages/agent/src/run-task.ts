import type { TaskResult, TaskSpecification } from '@enterprise-backup/contracts/tasks';
import type { TaskContext } from './task-context.ts';

/** Does the work of one task. Throws the PlatformError of the work, or the reason of `signal` when it was aborted. */
export type TaskRunner = (specification: TaskSpecification, context: TaskContext) => Promise<TaskResult>;

/** The work of each kind of task, loaded when the first one comes: an agent asks for work before it loads how to do it. */
export const runTask: TaskRunner = async (specification, context) => {
  switch (specification.kind) {
    case 'backup':
      return (await import('./run-backup.ts')).runBackup(specification, context);
    case 'recovery':
      return (await import('./run-recovery.ts')).runRecovery(specification, context);
    case 'verify':
      return (await import('./run-verify.ts')).runVerify(specification, context);
    case 'forget':
      return (await import('./run-forget.ts')).runForget(specification, context);
  }
};
