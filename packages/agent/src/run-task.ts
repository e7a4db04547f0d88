import type { TaskResult, TaskSpecification } from '@enterprise-backup/contracts/tasks';
import { runBackup } from './run-backup.ts';
import { runForget } from './run-forget.ts';
import { runRecovery } from './run-recovery.ts';
import { runVerify } from './run-verify.ts';
import type { TaskContext } from './task-context.ts';

/** Does the work of one task. Throws the PlatformError of the work, or the reason of `signal` when it was aborted. */
export type TaskRunner = (specification: TaskSpecification, context: TaskContext) => Promise<TaskResult>;

/** The work of each kind of task. */
export const runTask: TaskRunner = (specification, context) => {
  switch (specification.kind) {
    case 'backup':
      return runBackup(specification, context);
    case 'recovery':
      return runRecovery(specification, context);
    case 'verify':
      return runVerify(specification, context);
    case 'forget':
      return runForget(specification, context);
  }
};
