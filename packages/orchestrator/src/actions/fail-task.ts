import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { TaskRow } from '@enterprise-backup/schema/rows';
import { transaction } from '@enterprise-backup/schema/transaction';
import { cancelledReport } from '../leases/cancelled-report.ts';
import { lockHeldTask } from '../leases/held-task.ts';
import { endTask, returnTask } from '../leases/task-outcomes.ts';
import { countEndedWork } from '../metrics.ts';
import { decideRetryAfterFailure } from '../retry-decision.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/**
 * Ends an attempt with an error: the task waits for its next attempt, or fails, or is cancelled when that was asked for.
 * Task and job or recovery are written in one transaction. Repeated after a lost answer, it is refused with LEASE_LOST,
 * which tells the agent the same: it has nothing more to do for this task.
 */
export async function failTask(
  { catalog, clock, log, metrics }: OrchestratorServices,
  request: RequestFor<'fail_task'>,
): Promise<AnswerTo<'fail_task'>> {
  const { task_id, agent_id } = request;
  const { task, became } = await transaction(catalog, (session) => endAttempt(session, request, clock.now()));
  log.warn('attempt failed', { task_id, kind: task.kind, agent_id, code: request.error.code, outcome: became });
  if (became !== 'pending') countEndedWork(metrics, task.kind, became);
  return { task_id, will_retry: became === 'pending' };
}

interface EndedAttempt {
  readonly task: TaskRow;
  readonly became: 'pending' | 'failed' | 'cancelled';
}

async function endAttempt(session: CatalogSession, request: RequestFor<'fail_task'>, now: Date): Promise<EndedAttempt> {
  const { error } = request;
  const task = await lockHeldTask(session, request);
  if (task.cancel_requested || error.code === 'CANCELLED') {
    await endTask(session, task, 'cancelled', error.code === 'CANCELLED' ? error : cancelledReport(), now);
    return { task, became: 'cancelled' };
  }
  const { attempts, max_attempts } = task;
  const decision = decideRetryAfterFailure({ attempts, max_attempts, retryable: error.retryable }, now);
  if (decision.retry) {
    await returnTask(session, task, { not_before: decision.not_before, attempts, error });
    return { task, became: 'pending' };
  }
  await endTask(session, task, 'failed', error, now);
  return { task, became: 'failed' };
}
