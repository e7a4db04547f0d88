import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { TaskResult } from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { TaskRow } from '@enterprise-backup/schema/rows';
import { completeHeldTask } from '@enterprise-backup/schema/statements/complete-held-task';
import { transaction } from '@enterprise-backup/schema/transaction';
import { holderOf, isHolder, leaseLost, lockNamedTask } from '../leases/held-task.ts';
import { finalProgress } from '../leases/final-progress.ts';
import { recordResult } from '../leases/record-result.ts';
import { countCompletedWork } from '../metrics.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/**
 * Ends a task with its result. Task, job or recovery, and recovery point are written in one transaction: a crash leaves
 * all of it or nothing, and the agent, which cannot know, repeats the call until it is answered.
 */
export async function completeTask(
  { catalog, clock, log, metrics }: OrchestratorServices,
  request: RequestFor<'complete_task'>,
): Promise<AnswerTo<'complete_task'>> {
  const { task_id, result } = request;
  const now = clock.now();
  const outcome = await transaction(catalog, (session) => completeOnce(session, request, now));
  if (outcome === 'completed') {
    log.info('task completed', { task_id, kind: result.kind, agent_id: request.agent_id });
    countCompletedWork(metrics, result);
  }
  return { task_id };
}

async function completeOnce(
  session: CatalogSession,
  request: RequestFor<'complete_task'>,
  now: Date,
): Promise<'completed' | 'repeated'> {
  const { result } = request;
  const task = await lockNamedTask(session, request);
  if (task.status === 'completed' && isHolder(task, request)) return 'repeated';
  if (task.status !== 'running' || !isHolder(task, request)) throw leaseLost(request);
  checkKind(task, result);
  const written = await completeHeldTask(session, holderOf(request), { result, progress: finalProgress(result), now });
  if (!written) throw leaseLost(request);
  await recordResult(session, task, result, now);
  return 'completed';
}

function checkKind(task: TaskRow, result: TaskResult): void {
  if (task.kind === result.kind) return;
  throw new PlatformError('REQUEST_INVALID', `result.kind: a task of kind ${task.kind} ends with a result of its kind`);
}
