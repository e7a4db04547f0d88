import type { RecoveryResult } from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '../catalog.ts';

/** Marks a recovery as completed with its evidence; the error of an earlier attempt goes. */
export const completeRecovery = async (
  { knex }: CatalogSession,
  id: number,
  result: RecoveryResult,
  now: Date,
): Promise<void> => {
  await knex('recoveries').where({ id }).update({ status: 'completed', completed_at: now, result, error: null });
};
