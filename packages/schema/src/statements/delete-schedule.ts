import type { CatalogSession } from '../catalog.ts';

/** Removes a schedule; its jobs stay without one. Returns whether it was there. */
export const deleteSchedule = async ({ knex }: CatalogSession, id: number): Promise<boolean> =>
  (await knex('backup_schedules').where({ id }).delete()) === 1;
