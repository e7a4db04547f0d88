import type { CatalogSession } from '../catalog.ts';

/** Whether a backup of the source system runs. */
export const sourceHasRunningTask = async ({ knex }: CatalogSession, sourceSystem: string): Promise<boolean> => {
  const row = await knex('tasks as task')
    .join('backup_jobs as job', 'job.id', 'task.job_id')
    .where({ 'task.status': 'running', 'job.source_system': sourceSystem })
    .first<{ readonly id: number } | undefined>('task.id');
  return row !== undefined;
};
