import type { CatalogSession } from '../catalog.ts';
import type { TaskRow } from '../rows.ts';

/** The task with this id, which no other transaction locks or changes until this one ends. */
export const lockTask = async ({ knex }: CatalogSession, id: number): Promise<TaskRow | undefined> =>
  knex('tasks').where({ id }).forUpdate().first();
