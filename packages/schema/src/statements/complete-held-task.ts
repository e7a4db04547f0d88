import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import type { TaskResult } from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '../catalog.ts';
import { heldBy, type HeldTask } from '../held-task.ts';

/**
 * Ends a task with its result and its last progress. Owner and generation stay, so that the same holder's repetition is recognised. Returns
 * false when the holder holds it no longer.
 */
export const completeHeldTask = async (
  { knex }: CatalogSession,
  held: HeldTask,
  outcome: { readonly result: TaskResult; readonly progress: TaskProgress; readonly now: Date },
): Promise<boolean> =>
  (await knex('tasks').where(heldBy(held)).update({
    status: 'completed',
    lease_expires_at: null,
    result: outcome.result,
    progress: outcome.progress,
    error: null,
    completed_at: outcome.now,
  })) === 1;
