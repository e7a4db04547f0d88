import type { ErrorReport } from '@enterprise-backup/contracts/errors';
import type { CatalogSession } from '../catalog.ts';

/** Puts a recovery back among those that wait, with the error of the attempt that ended, or null when it was given back. */
export const returnRecovery = async (
  { knex }: CatalogSession,
  id: number,
  error: ErrorReport | null,
): Promise<void> => {
  await knex('recoveries').where({ id }).update({ status: 'pending', error });
};
