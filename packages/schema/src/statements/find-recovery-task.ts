import type { CatalogSession } from '../catalog.ts';
import type { TaskRow } from '../rows.ts';

/** The newest task of this kind that belongs to a recovery. */
export const findRecoveryTask = async (
  { knex }: CatalogSession,
  recoveryId: number,
  kind: 'recovery' | 'verify',
): Promise<TaskRow | undefined> => knex('tasks').where({ recovery_id: recoveryId, kind }).orderBy('id', 'desc').first();
