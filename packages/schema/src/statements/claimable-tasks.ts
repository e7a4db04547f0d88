import type { CatalogSession } from '../catalog.ts';

/**
 * Tasks that wait, whose time has come, and whose source or target no running task uses, as a query to go on with: `task`, its
 * `job` and its `recovery`.
 */
export const claimableTasks = ({ knex }: CatalogSession, now: Date) =>
  knex('tasks as task')
    .leftJoin('backup_jobs as job', 'job.id', 'task.job_id')
    .leftJoin('recoveries as recovery', 'recovery.id', 'task.recovery_id')
    .where('task.status', 'pending')
    .where('task.not_before', '<=', now)
    .whereNotExists(
      knex('tasks as running')
        .join('backup_jobs as busy', 'busy.id', 'running.job_id')
        .where('running.status', 'running')
        .whereRaw('busy.source_system = job.source_system')
        .select('running.id'),
    )
    .whereNotExists(
      knex('tasks as running')
        .join('recoveries as busy', 'busy.id', 'running.recovery_id')
        .where('running.status', 'running')
        .whereRaw('busy.target_system = recovery.target_system')
        .select('running.id'),
    );
