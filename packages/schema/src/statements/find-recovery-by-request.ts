import type { CatalogSession } from '../catalog.ts';
import type { RecoveryRow } from '../rows.ts';

/** The recovery that the request of this id started. */
export const findRecoveryByRequest = async (
  { knex }: CatalogSession,
  requestId: string,
): Promise<RecoveryRow | undefined> => knex('recoveries').where({ request_id: requestId }).first();
