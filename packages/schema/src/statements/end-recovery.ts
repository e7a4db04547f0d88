import type { ErrorReport } from '@enterprise-backup/contracts/errors';
import type { CatalogSession } from '../catalog.ts';

/** Marks a recovery as failed or cancelled. */
export const endRecovery = async (
  { knex }: CatalogSession,
  id: number,
  status: 'failed' | 'cancelled',
  error: ErrorReport,
  now: Date,
): Promise<void> => {
  await knex('recoveries').where({ id }).update({ status, completed_at: now, error });
};
