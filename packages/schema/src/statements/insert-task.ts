import type { CatalogSession } from '../catalog.ts';
import { insertedId } from '../inserted-id.ts';
import type { NewRow, TaskRow } from '../rows.ts';

/** Makes a pending task and returns its id. */
export const insertTask = async (
  { knex }: CatalogSession,
  task: Pick<NewRow<TaskRow>, 'kind' | 'specification' | 'not_before' | 'created_at'> &
    Partial<Pick<NewRow<TaskRow>, 'job_id' | 'recovery_id' | 'max_attempts'>>,
): Promise<number> => {
  return insertedId(await knex('tasks').insert(task));
};
