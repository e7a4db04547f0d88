import type { CatalogSession } from '../catalog.ts';
import { insertedId } from '../inserted-id.ts';
import type { NewRow, ScheduleRow } from '../rows.ts';

/** Makes a schedule and returns its id. Violates `unique` when the job name is taken. */
export const insertSchedule = async (
  { knex }: CatalogSession,
  schedule: NewRow<ScheduleRow, 'id'>,
): Promise<number> => {
  return insertedId(await knex('backup_schedules').insert(schedule));
};
