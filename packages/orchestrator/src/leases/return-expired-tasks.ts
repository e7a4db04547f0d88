import { PlatformError, toErrorReport } from '@enterprise-backup/contracts/errors';
import { toTaskId, type TaskId } from '@enterprise-backup/contracts/ids';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { TaskRow } from '@enterprise-backup/schema/rows';
import { listExpiredTasks } from '@enterprise-backup/schema/statements/list-expired-tasks';
import { lockTask } from '@enterprise-backup/schema/statements/lock-task';
import { transaction } from '@enterprise-backup/schema/transaction';
import { countEndedWork } from '../metrics.ts';
import { decideRetryAfterLostLease } from '../retry-decision.ts';
import type { OrchestratorServices } from '../services.ts';
import { cancelledReport } from './cancelled-report.ts';
import { endTask, returnTask } from './task-outcomes.ts';

/** What became of the tasks whose lease had ended. */
export interface ExpiredTasks {
  readonly returned: readonly TaskId[];
  /** Failed after their last attempt, or ended because they were to be cancelled. */
  readonly ended: readonly TaskId[];
}

/**
 * Takes every task whose lease has ended from its holder: it waits again, or fails with AGENT_STOPPED after its last
 * attempt. Runs at each tick and before each claim, so that tasks return also where no tick runs. Each task is a
 * transaction of its own, and any number of callers may do it at once: one of them finds the task running.
 */
export async function returnExpiredTasks(services: OrchestratorServices, now: Date): Promise<ExpiredTasks> {
  const returned: TaskId[] = [];
  const ended: TaskId[] = [];
  for (const id of await listExpiredTasks(services.catalog, now)) {
    const outcome = await transaction(services.catalog, (session) => returnIfExpired(session, id, now));
    if (outcome === null) continue;
    const task_id = toTaskId(id);
    services.log.warn('lease ended', { task_id, kind: outcome.task.kind, outcome: outcome.became });
    if (outcome.became === 'pending') {
      returned.push(task_id);
    } else {
      ended.push(task_id);
      countEndedWork(services.metrics, outcome.task.kind, outcome.became);
    }
  }
  if (returned.length > 0) services.metrics.addMetric('TasksReturned', 'Count', returned.length);
  return { returned, ended };
}

interface ExpiredTask {
  readonly task: TaskRow;
  readonly became: 'pending' | 'failed' | 'cancelled';
}

async function returnIfExpired(session: CatalogSession, id: number, now: Date): Promise<ExpiredTask | null> {
  const task = await lockTask(session, id);
  if (task?.status !== 'running' || task.lease_expires_at === null || new Date(task.lease_expires_at) > now)
    return null;
  if (task.cancel_requested) {
    await endTask(session, task, 'cancelled', cancelledReport(), now);
    return { task, became: 'cancelled' };
  }
  const decision = decideRetryAfterLostLease(task, now);
  const error = toErrorReport(
    new PlatformError('AGENT_STOPPED', `${String(task.lease_owner)} was not heard of: ${decision.reason}`),
  );
  if (decision.retry) {
    await returnTask(session, task, { not_before: decision.not_before, attempts: task.attempts, error });
    return { task, became: 'pending' };
  }
  await endTask(session, task, 'failed', error, now);
  return { task, became: 'failed' };
}
