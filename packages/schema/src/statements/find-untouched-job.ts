import type { CatalogSession } from '../catalog.ts';
import type { JobRow, ScheduleRow } from '../rows.ts';

/** The newest job of a schedule that no agent has taken up yet, and that does what the schedule asks for now. */
export const findUntouchedJob = async (
  { knex }: CatalogSession,
  { id, source_system, backup_type, retention_days }: ScheduleRow,
): Promise<JobRow | undefined> =>
  knex('backup_jobs')
    .where({ schedule_id: id, source_system, backup_type, retention_days, status: 'pending' })
    .whereNull('started_at')
    .orderBy('id', 'desc')
    .first();
