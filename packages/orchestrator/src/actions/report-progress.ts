import { rowOf } from '@enterprise-backup/contracts/ids';
import { findTask } from '@enterprise-backup/schema/statements/find-task';
import { renewLease } from '@enterprise-backup/schema/statements/renew-lease';
import { touchAgent } from '@enterprise-backup/schema/statements/touch-agent';
import { holderOf, leaseLost, taskNotFound } from '../leases/held-task.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/**
 * Keeps the progress and moves the end of the lease, in one statement. A lease that has ended may still be renewed while
 * the task has not been returned: nobody else works on it, and to stop would throw the work away for nothing.
 */
export async function reportProgress(
  { catalog, clock }: OrchestratorServices,
  request: RequestFor<'report_progress'>,
): Promise<AnswerTo<'report_progress'>> {
  const now = clock.now();
  const expires = new Date(now.getTime() + request.lease_seconds * 1000);
  const renewed = await renewLease(catalog, holderOf(request), {
    lease_expires_at: expires,
    progress: request.progress,
  });
  const task = await findTask(catalog, rowOf(request.task_id));
  if (task === undefined) throw taskNotFound(request);
  if (!renewed) throw leaseLost(request);
  await touchAgent(catalog, request.agent_id, now);
  return {
    lease: { owner: request.agent_id, generation: request.generation, expires_at: expires.toISOString() },
    cancel_requested: task.cancel_requested,
  };
}
