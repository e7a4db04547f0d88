import type { CatalogSession } from '../catalog.ts';
import type { StoredTime } from '../rows.ts';

/** The points of one source system in figures. */
export interface ProtectionPoints {
  readonly source_system: string;
  readonly points: number;
  /** Job of the newest point. */
  readonly job_id: number;
  readonly created_at: StoredTime;
  /** When the job of the newest point began, null for a point that was recorded by hand. */
  readonly started_at: StoredTime | null;
  /** The newest proof of any of its points. */
  readonly last_proven_at: StoredTime | null;
}

/** Of each source system with points: how many, the newest one, and the newest proof. Removed points do not count. */
export const listProtectionPoints = async ({ knex }: CatalogSession): Promise<ProtectionPoints[]> =>
  knex.raw<ProtectionPoints[]>(`
    select ranked.source_system, ranked.points, ranked.job_id, ranked.created_at, job.started_at,
      ranked.newest_proof as last_proven_at
    from (
      select source_system, job_id, created_at,
        count(*) over (partition by source_system) as points,
        max(last_proven_at) over (partition by source_system) as newest_proof,
        row_number() over (partition by source_system order by created_at desc, job_id desc) as place
      from recovery_points
      where forgotten_at is null
    ) as ranked
    join backup_jobs as job on job.id = ranked.job_id
    where ranked.place = 1`);
