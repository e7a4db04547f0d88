import type { orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import type { ActionCaller } from './action-caller.ts';

type Orchestrator = ActionCaller<typeof orchestratorActions>;

/** Calls like `orchestrator` does, and tells `onAnswer` the action of each call that was answered without an error. */
export function answersHeard(
  orchestrator: Orchestrator,
  onAnswer: (action: keyof typeof orchestratorActions) => void,
): Orchestrator {
  return async (action, request, options) => {
    const answer = await orchestrator(action, request, options);
    onAnswer(action);
    return answer;
  };
}
