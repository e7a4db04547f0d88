import type { TaskStatus } from '@enterprise-backup/contracts/catalog';
import type { CatalogSession } from '../catalog.ts';
import type { JobRow, RecoveryRow, TaskRow } from '../rows.ts';

/** A recovery with the source of its point and the state of its task. */
export type RecoveryWithTask = RecoveryRow &
  Pick<JobRow, 'source_system'> &
  Pick<TaskRow, 'attempts' | 'progress' | 'progress_since'>;

/** Recoveries that fit every given condition, newest first. */
export const listRecoveries = async (
  { knex }: CatalogSession,
  wanted: { readonly id?: number; readonly status?: TaskStatus; readonly limit: number },
): Promise<RecoveryWithTask[]> => {
  const query = knex('recoveries as recovery')
    .join('backup_jobs as job', 'job.id', 'recovery.job_id')
    .join('tasks as task', (on) => {
      on.on('task.recovery_id', 'recovery.id').andOnVal('task.kind', 'recovery');
    })
    .select<RecoveryWithTask[]>(
      'recovery.*',
      'job.source_system',
      'task.attempts',
      'task.progress',
      'task.progress_since',
    )
    .orderBy('recovery.id', 'desc')
    .limit(wanted.limit);
  if (wanted.id !== undefined) query.where('recovery.id', wanted.id);
  if (wanted.status !== undefined) query.where('recovery.status', wanted.status);
  return query;
};
