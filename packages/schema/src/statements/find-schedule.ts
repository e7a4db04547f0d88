import type { CatalogSession } from '../catalog.ts';
import type { ScheduleRow } from '../rows.ts';

/** The schedule with this id. */
export const findSchedule = async ({ knex }: CatalogSession, id: number): Promise<ScheduleRow | undefined> =>
  knex('backup_schedules').where({ id }).first();
