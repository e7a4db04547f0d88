import { countJobs } from '@enterprise-backup/schema/statements/count-jobs';
import { countTasks } from '@enterprise-backup/schema/statements/count-tasks';
import { listAgents } from '@enterprise-backup/schema/statements/list-agents';
import { agentStateOf } from '../protection/agent-state.ts';
import { judgeSources } from '../protection/judge-sources.ts';
import type { AnswerTo, OrchestratorServices } from '../services.ts';

const millisecondsOfDay = 86_400_000;

/** How every source is protected, which agents there are, and what waits and runs. */
export async function status({ catalog, clock }: OrchestratorServices): Promise<AnswerTo<'status'>> {
  const now = clock.now();
  const jobs = await countJobs(catalog, new Date(now.getTime() - millisecondsOfDay));
  const agents = await listAgents(catalog, now);
  const sources = await judgeSources(catalog, now);
  return {
    now: now.toISOString(),
    sources: sources.map(({ view }) => view),
    agents: agents.map((agent) => ({
      agent_id: agent.agent_id,
      host_name: agent.host_name,
      version: agent.version,
      last_seen_at: agent.last_seen_at,
      state: agentStateOf(agent, now),
    })),
    jobs: {
      pending: jobs.pending,
      running: jobs.running,
      failed_last_day: jobs.failed,
      completed_last_day: jobs.completed,
    },
    tasks: await countTasks(catalog),
  };
}
