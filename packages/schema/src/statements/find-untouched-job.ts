import type { CatalogSession } from '../catalog.ts';
import type { ScheduleRow } from '../rows.ts';

/** The newest job of a schedule that no agent has taken up yet, whose task waits, and that does what the schedule now asks for. */
export const findUntouchedJob = async (
  { knex }: CatalogSession,
  { id, source_system, backup_type, retention_days }: ScheduleRow,
): Promise<{ readonly id: number } | undefined> =>
  knex('backup_jobs as job')
    .join('tasks as task', 'task.job_id', 'job.id')
    .where({ 'job.schedule_id': id, 'job.status': 'pending', 'job.source_system': source_system })
    .where({ 'job.backup_type': backup_type, 'job.retention_days': retention_days, 'task.status': 'pending' })
    .whereNull('job.started_at')
    .orderBy('job.id', 'desc')
    .first<{ readonly id: number } | undefined>('job.id');
