import type { TaskKind } from '@enterprise-backup/contracts/catalog';
import type { CatalogSession } from '../catalog.ts';

/** A task that may be claimed, with the system that it may not share with another running task. */
export interface ClaimableTask {
  readonly id: number;
  /** Source system of a backup. */
  readonly source_system: string | null;
  /** Target system of a recovery or verification. */
  readonly target_system: string | null;
}

/**
 * Tasks that wait, whose time has come, and whose source or target no running task uses: recoveries and verifications
 * first, since a person waits for them, then by age. The answer is of a moment ago: a claim checks again.
 */
export const listClaimableTasks = async (
  { knex }: CatalogSession,
  wanted: { readonly kinds: readonly TaskKind[]; readonly now: Date; readonly limit: number },
): Promise<ClaimableTask[]> =>
  knex('tasks as task')
    .leftJoin('backup_jobs as job', 'job.id', 'task.job_id')
    .leftJoin('recoveries as recovery', 'recovery.id', 'task.recovery_id')
    .where('task.status', 'pending')
    .where('task.not_before', '<=', wanted.now)
    .whereIn('task.kind', [...wanted.kinds])
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
    )
    .orderByRaw("case when task.kind in ('recovery', 'verify') then 0 else 1 end, task.id")
    .limit(wanted.limit)
    .select<ClaimableTask[]>('task.id', 'job.source_system', 'recovery.target_system');
