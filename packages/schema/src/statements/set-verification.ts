import type { VerifyResult } from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '../catalog.ts';

/** Records the outcome of a recovery's newest verification, or null while it has none yet. */
export const setVerification = async (
  { knex }: CatalogSession,
  id: number,
  verification: VerifyResult | null,
): Promise<void> => {
  await knex('recoveries').where({ id }).update({ verification });
};
