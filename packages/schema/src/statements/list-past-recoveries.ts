import type { CatalogSession } from '../catalog.ts';
import type { RecoveryRow } from '../rows.ts';

/** The newest `limit` recoveries that were completed and wrote into their target. */
export const listPastRecoveries = async (
  { knex }: CatalogSession,
  limit: number,
): Promise<Pick<RecoveryRow, 'result'>[]> =>
  knex('recoveries').where({ status: 'completed', dry_run: false }).select('result').orderBy('id', 'desc').limit(limit);
