import type { AgentWithTasks } from '@enterprise-backup/schema/statements/list-agents';

/**
 * How long an idle agent may be silent before it counts as lost. It asks for a task every few seconds; an agent that
 * works reports less often, but holds a lease as long as it lives.
 */
const silenceLimitSeconds = 180;

/** The state of an agent at `now`, from what it said last, the tasks that it holds, and how long it has been silent. */
export function agentStateOf(
  agent: Pick<AgentWithTasks, 'state' | 'last_seen_at' | 'held_tasks'>,
  now: Date,
): 'ready' | 'busy' | 'draining' | 'lost' {
  const silentSeconds = (now.getTime() - Date.parse(agent.last_seen_at)) / 1000;
  if (agent.held_tasks === 0 && silentSeconds > silenceLimitSeconds) return 'lost';
  if (agent.state === 'draining') return 'draining';
  return agent.held_tasks > 0 ? 'busy' : 'ready';
}
