import type { CatalogSession } from '../catalog.ts';
import type { JobRow, RecoveryPointRow } from '../rows.ts';

/** A point that retention decides about. */
export type RetainedPointRow = Pick<
  RecoveryPointRow,
  'job_id' | 'repository_id' | 'snapshot_id' | 'source_system' | 'created_at' | 'hold_reason'
> &
  Pick<JobRow, 'retention_days'> & {
    /** How many recoveries and verifications of the point wait or run. */
    readonly uses: number;
  };

/** Every point that retention has not removed, of the given source systems, or of all when none are given. */
export const listRetainedPoints = async (
  { knex }: CatalogSession,
  sourceSystems?: readonly string[],
): Promise<RetainedPointRow[]> => {
  const query = knex('recovery_points as point')
    .join('backup_jobs as job', 'job.id', 'point.job_id')
    .whereNull('point.forgotten_at')
    .select<RetainedPointRow[]>(
      'point.job_id',
      'point.repository_id',
      'point.snapshot_id',
      'point.source_system',
      'point.created_at',
      'point.hold_reason',
      'job.retention_days',
      knex.raw(`(select count(*) from tasks as task join recoveries as recovery on recovery.id = task.recovery_id
        where recovery.job_id = point.job_id and task.status in ('pending', 'running')) as uses`),
    );
  if (sourceSystems !== undefined) query.whereIn('point.source_system', [...sourceSystems]);
  return query;
};
