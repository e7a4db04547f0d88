import type { CatalogSession } from '../catalog.ts';

/** Whether a recovery into the target system, or a verification of it, runs. */
export const targetHasRunningTask = async ({ knex }: CatalogSession, targetSystem: string): Promise<boolean> => {
  const row = await knex('tasks as task')
    .join('recoveries as recovery', 'recovery.id', 'task.recovery_id')
    .where({ 'task.status': 'running', 'recovery.target_system': targetSystem })
    .first<{ readonly id: number } | undefined>('task.id');
  return row !== undefined;
};
