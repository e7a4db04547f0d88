import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import type { ArrivedCall, Harness, TestAgent } from './agent-harness.ts';

/** Whether a call reports that work has got somewhere in one of these phases. */
export function isWorking({ action, event }: ArrivedCall, phases: readonly TaskProgress['phase'][]): boolean {
  if (action !== 'report_progress') return false;
  const { phase, bytes_done: bytes } = event['progress'] as TaskProgress;
  return phases.includes(phase) && bytes > 0;
}

/** Resolves at the first report of `agent` in one of these phases with bytes done, after `then` was called just there. */
export function atWorkingReport(
  harness: Harness,
  agent: TestAgent,
  phases: readonly TaskProgress['phase'][],
  then: () => void,
): Promise<void> {
  const reached = Promise.withResolvers<undefined>();
  let done = false;
  harness.intercept = (call) => {
    if (done || call.agentId !== agent.id || !isWorking(call, phases)) return;
    done = true;
    then();
    reached.resolve(undefined);
  };
  return reached.promise;
}
