import type { CatalogSession } from '../catalog.ts';

/** How many tasks wait and how many run. */
export const countTasks = async ({
  knex,
}: CatalogSession): Promise<{ readonly waiting: number; readonly running: number }> => {
  const rows = await knex('tasks')
    .select<{ readonly status: string; readonly tasks: number }[]>('status', knex.raw('count(*) as tasks'))
    .whereIn('status', ['pending', 'running'])
    .groupBy('status');
  const count = (status: string): number => rows.find((row) => row.status === status)?.tasks ?? 0;
  return { waiting: count('pending'), running: count('running') };
};
