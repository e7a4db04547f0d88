import type { CatalogSession } from '../catalog.ts';
import type { TaskRow } from '../rows.ts';

/** The task with this id. */
export const findTask = async ({ knex }: CatalogSession, id: number): Promise<TaskRow | undefined> =>
  knex('tasks').where({ id }).first();
