import type { CatalogSession } from '../catalog.ts';
import type { ScheduleRow } from '../rows.ts';

/** The schedule with this id, which no other transaction locks or changes until this one ends. */
export const lockSchedule = async ({ knex }: CatalogSession, id: number): Promise<ScheduleRow | undefined> =>
  knex('backup_schedules').where({ id }).forUpdate().first();
