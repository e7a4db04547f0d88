import type { ErrorReport } from '@enterprise-backup/contracts/errors';
import type { CatalogSession } from '../catalog.ts';
import { heldBy, type HeldTask } from '../held-task.ts';

/** Ends a task as failed or cancelled. Returns false when the holder holds it no longer. */
export const endHeldTask = async (
  { knex }: CatalogSession,
  held: HeldTask,
  status: 'failed' | 'cancelled',
  error: ErrorReport,
  now: Date,
): Promise<boolean> =>
  (await knex('tasks').where(heldBy(held)).update({ status, lease_expires_at: null, error, completed_at: now })) === 1;
