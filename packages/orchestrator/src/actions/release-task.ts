import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import { transaction } from '@enterprise-backup/schema/transaction';
import { cancelledReport } from '../leases/cancelled-report.ts';
import { lockHeldTask } from '../leases/held-task.ts';
import { endTask, returnTask } from '../leases/task-outcomes.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/** Gives a task back unfinished: it waits again at once, and the attempt does not count. */
export async function releaseTask(
  { catalog, clock, log }: OrchestratorServices,
  request: RequestFor<'release_task'>,
): Promise<AnswerTo<'release_task'>> {
  const { task_id, agent_id } = request;
  const outcome = await transaction(catalog, (session) => release(session, request, clock.now()));
  log.info('task released', { task_id, agent_id, outcome });
  return { task_id };
}

async function release(
  session: CatalogSession,
  request: RequestFor<'release_task'>,
  now: Date,
): Promise<'pending' | 'cancelled'> {
  const task = await lockHeldTask(session, request);
  if (task.cancel_requested) {
    await endTask(session, task, 'cancelled', cancelledReport(), now);
    return 'cancelled';
  }
  await returnTask(session, task, { not_before: now, attempts: task.attempts - 1, error: task.error });
  return 'pending';
}
