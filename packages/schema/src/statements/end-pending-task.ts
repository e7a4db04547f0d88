import type { ErrorReport } from '@enterprise-backup/contracts/errors';
import type { CatalogSession } from '../catalog.ts';

/** Ends a task that waits as failed or cancelled. Returns false when it does not wait. */
export const endPendingTask = async (
  { knex }: CatalogSession,
  id: number,
  status: 'failed' | 'cancelled',
  error: ErrorReport,
  now: Date,
): Promise<boolean> =>
  (await knex('tasks').where({ id, status: 'pending' }).update({ status, error, completed_at: now })) === 1;
