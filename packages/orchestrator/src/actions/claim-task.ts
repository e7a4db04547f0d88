import { upsertAgent } from '@enterprise-backup/schema/statements/upsert-agent';
import { returnExpiredTasks } from '../leases/return-expired-tasks.ts';
import { takeOldestTask } from '../leases/take-oldest-task.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/**
 * Gives the agent the oldest task that waits. Concurrent calls never get the same task. An answer that is lost leaves
 * the task under a lease that nobody renews: it returns when the lease ends.
 */
export async function claimTask(
  services: OrchestratorServices,
  request: RequestFor<'claim_task'>,
): Promise<AnswerTo<'claim_task'>> {
  const { agent_id, host_name, version, state } = request;
  const now = services.clock.now();
  await upsertAgent(services.catalog, { agent_id, host_name, version, state, last_seen_at: now });
  await returnExpiredTasks(services, now);
  if (state === 'draining') return { task: null };
  const task = await takeOldestTask(services, { agent_id, kinds: request.kinds, lease_seconds: request.lease_seconds });
  if (task !== null) {
    const { task_id, lease, specification } = task;
    services.log.info('task claimed', { task_id, kind: specification.kind, agent_id, generation: lease.generation });
  }
  return { task };
}
