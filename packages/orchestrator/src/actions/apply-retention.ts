import { PlatformError } from '@enterprise-backup/contracts/errors';
import { rowOf, toTaskId, type TaskId } from '@enterprise-backup/contracts/ids';
import type { RetentionDecision } from '@enterprise-backup/contracts/orchestrator';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import { forgetPoints } from '@enterprise-backup/schema/statements/forget-points';
import { insertTask } from '@enterprise-backup/schema/statements/insert-task';
import { lockRecoveryPoints } from '@enterprise-backup/schema/statements/lock-recovery-points';
import { lockSourceSystem } from '@enterprise-backup/schema/statements/lock-source-system';
import { transaction } from '@enterprise-backup/schema/transaction';
import { referToRepository } from '../refer-to-repository.ts';
import { decideStoredPoints, type StoredDecision } from '../retention/decide-stored-points.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

const snapshotsOfOneTask = 200;

/**
 * With the longest wait of a quarter of an hour between attempts, a store may be away for a day before a forget task
 * gives up and leaves snapshots that the catalog no longer counts.
 */
const forgetAttempts = 100;

/**
 * Removes the points that a plan names. Every one of them is decided again first, under locks on its source and on the
 * point itself, so that a plan that is old, forged, or overtaken by a hold or a recovery removes nothing: PLAN_STALE.
 *
 * In one transaction the points are marked as removed and the tasks are made that remove their snapshots. A crash leaves
 * both or neither. From the commit on a point cannot be recovered through the platform, though its snapshot may still be
 * there: the other order would offer points whose snapshot is gone.
 */
export async function applyRetention(
  { catalog, clock, log, metrics }: OrchestratorServices,
  { plan }: RequestFor<'apply_retention'>,
): Promise<AnswerTo<'apply_retention'>> {
  const named = plan.decisions.filter((decision) => !decision.keep);
  if (named.length === 0) return { removed: [], task_ids: [] };
  const now = clock.now();
  const task_ids = await transaction(catalog, (session) => removePoints(session, named, now));
  const removed = named.map((decision) => decision.backup_id);
  log.info('retention applied', { removed, task_ids });
  metrics.addMetric('PointsRemoved', 'Count', removed.length);
  return { removed, task_ids };
}

async function removePoints(
  session: CatalogSession,
  named: readonly RetentionDecision[],
  now: Date,
): Promise<TaskId[]> {
  const sources = [...new Set(named.map((decision) => decision.source_system))].toSorted();
  for (const source of sources) await lockSourceSystem(session, source);
  await lockRecoveryPoints(
    session,
    named.map((decision) => rowOf(decision.backup_id)),
  );
  const current = await decideStoredPoints(session, sources, now);
  const removals = named.map((decision) => confirm(decision, current));
  const forgotten = await forgetPoints(
    session,
    removals.map((removal) => removal.job_id),
    now,
  );
  if (forgotten !== removals.length) throw stale('a point of the plan is named twice');
  return makeForgetTasks(session, removals, now);
}

/** The decision of now about a point that the plan wants to remove. Throws PLAN_STALE unless it is the same. */
function confirm(decision: RetentionDecision, current: readonly StoredDecision[]): StoredDecision {
  const { backup_id } = decision;
  const found = current.find((candidate) => candidate.backup_id === backup_id);
  if (found?.snapshot_id !== decision.snapshot_id) throw stale(`${backup_id} is not there any longer`);
  if (found.keep) throw stale(`${backup_id} has to stay, since ${found.reason}`);
  return found;
}

async function makeForgetTasks(
  session: CatalogSession,
  removals: readonly StoredDecision[],
  now: Date,
): Promise<TaskId[]> {
  const task_ids: TaskId[] = [];
  for (const [repositoryId, points] of Map.groupBy(removals, (removal) => removal.repository_id)) {
    const repository = await referToRepository(session, repositoryId);
    for (let start = 0; start < points.length; start += snapshotsOfOneTask) {
      const snapshot_ids = points.slice(start, start + snapshotsOfOneTask).map((point) => point.snapshot_id);
      const id = await insertTask(session, {
        kind: 'forget',
        specification: { kind: 'forget', repository, snapshot_ids },
        max_attempts: forgetAttempts,
        not_before: now,
        created_at: now,
      });
      task_ids.push(toTaskId(id));
    }
  }
  return task_ids;
}

function stale(sentence: string): PlatformError {
  return new PlatformError('PLAN_STALE', `the plan does not hold any longer: ${sentence}`);
}
