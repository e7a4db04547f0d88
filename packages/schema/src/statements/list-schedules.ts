import type { CatalogSession } from '../catalog.ts';
import type { ScheduleRow } from '../rows.ts';

/** Every schedule, by id. */
export const listSchedules = async ({ knex }: CatalogSession): Promise<ScheduleRow[]> =>
  knex('backup_schedules').select().orderBy('id');
