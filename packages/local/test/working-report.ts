import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import type { ArrivedCall, Harness, TestAgent } from './agent-harness.ts';

/** Whether a call reports that work has got somewhere in one of these phases. */
export function isWorking({ action, event }: ArrivedCall, phases: readonly TaskProgress['phase'][]): boolean {
  if (action !== 'report_progress') return false;
  const { phase, bytes_done: bytes } = event['progress'] as TaskProgress;
  return phases.includes(phase) && bytes > 0;
}

/**
 * Resolves at the first report of `agent` in one of these phases with bytes done, after `then` was called just there.
 * Rejects when the work ends before that.
 */
export function atWorkingReport(
  harness: Harness,
  agent: TestAgent,
  phases: readonly TaskProgress['phase'][],
  then: () => void,
): Promise<void> {
  const reached = Promise.withResolvers<undefined>();
  // Nobody may be waiting yet when the work ends.
  reached.promise.catch(() => undefined);
  let done = false;
  harness.intercept = (call) => {
    if (done || call.agentId !== agent.id) return;
    if (call.action === 'complete_task' || call.action === 'fail_task') {
      done = true;
      reached.reject(new TypeError(`the work ended first: ${call.action} ${JSON.stringify(call.event['error'])}`));
    } else if (isWorking(call, phases)) {
      done = true;
      then();
      reached.resolve(undefined);
    }
  };
  return reached.promise;
}
