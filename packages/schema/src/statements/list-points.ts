import type { CatalogSession } from '../catalog.ts';
import type { JobRow, RecoveryPointRow } from '../rows.ts';

/** A recovery point with what its job says of it. */
export type PointWithJob = RecoveryPointRow & Pick<JobRow, 'job_name' | 'retention_days'>;

/** Points that retention has not removed and that fit every given condition, newest first. */
export const listPoints = async (
  { knex }: CatalogSession,
  wanted: { readonly job_id?: number; readonly source_system?: string; readonly limit: number },
): Promise<PointWithJob[]> => {
  const query = knex('recovery_points as point')
    .join('backup_jobs as job', 'job.id', 'point.job_id')
    .select<PointWithJob[]>('point.*', 'job.job_name', 'job.retention_days')
    .whereNull('point.forgotten_at')
    .orderBy([
      { column: 'point.created_at', order: 'desc' },
      { column: 'point.job_id', order: 'desc' },
    ])
    .limit(wanted.limit);
  if (wanted.job_id !== undefined) query.where('point.job_id', wanted.job_id);
  if (wanted.source_system !== undefined) query.where('point.source_system', wanted.source_system);
  return query;
};
