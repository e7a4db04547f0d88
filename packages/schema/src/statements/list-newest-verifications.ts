import type { CatalogSession } from '../catalog.ts';
import type { TaskRow } from '../rows.ts';

/** Of each of the given recoveries its newest verification task, if it has one. */
export const listNewestVerifications = async (
  { knex }: CatalogSession,
  recoveryIds: readonly number[],
): Promise<Pick<TaskRow, 'recovery_id' | 'status' | 'error'>[]> => {
  const newest = knex('tasks')
    .where({ kind: 'verify' })
    .whereIn('recovery_id', [...recoveryIds])
    .groupBy('recovery_id')
    .max('id');
  return knex('tasks').whereIn('id', newest).select('recovery_id', 'status', 'error');
};
