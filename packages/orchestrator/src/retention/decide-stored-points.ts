import { rowOf } from '@enterprise-backup/contracts/ids';
import type { RetentionDecision } from '@enterprise-backup/contracts/orchestrator';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import { listRetainedPoints } from '@enterprise-backup/schema/statements/list-retained-points';
import { decideRetention } from './retention-decisions.ts';

/** A decision about a point, and the repository that the point lies in. */
export interface StoredDecision extends RetentionDecision {
  readonly job_id: number;
  readonly repository_id: number;
}

/** Decides about every point of the given sources, or of all, as the catalog stands at `now`. */
export async function decideStoredPoints(
  session: CatalogSession,
  sourceSystems: readonly string[] | undefined,
  now: Date,
): Promise<StoredDecision[]> {
  const rows = await listRetainedPoints(session, sourceSystems);
  const repositories = new Map(rows.map((row) => [row.job_id, row.repository_id]));
  const decisions = decideRetention(
    rows.map((row) => ({ ...row, in_use: row.uses > 0 })),
    now,
  );
  return decisions.flatMap((decision) => {
    const job_id = rowOf(decision.backup_id);
    const repository_id = repositories.get(job_id);
    return repository_id === undefined ? [] : [{ ...decision, job_id, repository_id }];
  });
}
