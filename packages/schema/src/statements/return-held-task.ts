import type { ErrorReport } from '@enterprise-backup/contracts/errors';
import type { CatalogSession } from '../catalog.ts';
import { heldBy, type HeldTask } from '../held-task.ts';

/** How a held task goes back among those that wait. */
export interface TaskReturn {
  readonly not_before: Date;
  /** Attempts that count from now on. */
  readonly attempts: number;
  /** Error of the attempt that ended, null when the task was given back. */
  readonly error: ErrorReport | null;
}

/**
 * Puts a task back among those that wait. The generation stays, and the next claim makes a new one: until then no write
 * of the old holder finds the task running. Returns false when the holder holds it no longer.
 */
export const returnHeldTask = async ({ knex }: CatalogSession, held: HeldTask, outcome: TaskReturn): Promise<boolean> =>
  (await knex('tasks').where(heldBy(held)).update({
    status: 'pending',
    lease_owner: null,
    lease_expires_at: null,
    not_before: outcome.not_before,
    attempts: outcome.attempts,
    error: outcome.error,
    progress: null,
    progress_since: null,
  })) === 1;
