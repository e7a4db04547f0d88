import type { CatalogSession } from '../catalog.ts';
import type { ScheduleRow, Written } from '../rows.ts';

/** Changes the given columns of a schedule. */
export const updateSchedule = async (
  { knex }: CatalogSession,
  id: number,
  changes: Partial<Written<ScheduleRow>>,
): Promise<void> => {
  await knex('backup_schedules').where({ id }).update(changes);
};
