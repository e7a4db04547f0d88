import type { TaskKind } from '@enterprise-backup/contracts/catalog';
import type { CatalogSession } from '../catalog.ts';
import { claimableTasks } from './claimable-tasks.ts';

/** A task that may be claimed, with the system that it may not share with another running task. */
export interface ClaimableTask {
  readonly id: number;
  /** Source system of a backup. */
  readonly source_system: string | null;
  /** Target system of a recovery or verification. */
  readonly target_system: string | null;
}

/**
 * Tasks that may be claimed: recoveries and verifications first, since a person waits for them, then by age. The answer is of a
 * moment ago: a claim checks again.
 */
export const listClaimableTasks = async (
  session: CatalogSession,
  wanted: { readonly kinds: readonly TaskKind[]; readonly now: Date; readonly limit: number },
): Promise<ClaimableTask[]> =>
  claimableTasks(session, wanted.now)
    .whereIn('task.kind', [...wanted.kinds])
    .orderByRaw("case when task.kind in ('recovery', 'verify') then 0 else 1 end, task.id")
    .limit(wanted.limit)
    .select<ClaimableTask[]>('task.id', 'job.source_system', 'recovery.target_system');
