import type { ErrorReport } from '@enterprise-backup/contracts/errors';
import type { CatalogSession } from '../catalog.ts';

/** Ends a task that waits. Returns false when it does not wait. */
export const cancelPendingTask = async (
  { knex }: CatalogSession,
  id: number,
  error: ErrorReport,
  now: Date,
): Promise<boolean> =>
  (await knex('tasks').where({ id, status: 'pending' }).update({ status: 'cancelled', error, completed_at: now })) === 1;
