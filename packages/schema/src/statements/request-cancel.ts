import type { CatalogSession } from '../catalog.ts';

/** Tells the holder of a running task, at its next report, to stop. Returns false when the task does not run. */
export const requestCancel = async ({ knex }: CatalogSession, id: number): Promise<boolean> =>
  (await knex('tasks').where({ id, status: 'running' }).update({ cancel_requested: true })) === 1;
