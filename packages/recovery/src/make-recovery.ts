import { PlatformError } from '@enterprise-backup/contracts/errors';
import { snapshotId, toBackupId, toRecoveryId, toRepositoryId } from '@enterprise-backup/contracts/ids';
import type { RecoveryTask } from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { RecoveryPointRow, RecoveryRow, TargetSystemRow } from '@enterprise-backup/schema/rows';
import { findRecoveryByRequest } from '@enterprise-backup/schema/statements/find-recovery-by-request';
import { findRepository } from '@enterprise-backup/schema/statements/find-repository';
import { findSourceSystem } from '@enterprise-backup/schema/statements/find-source-system';
import { findTargetSystem } from '@enterprise-backup/schema/statements/find-target-system';
import { insertRecovery } from '@enterprise-backup/schema/statements/insert-recovery';
import { insertTask } from '@enterprise-backup/schema/statements/insert-task';
import { listPastRecoveries } from '@enterprise-backup/schema/statements/list-past-recoveries';
import { expectedRecoverySeconds } from './expected-seconds.ts';
import { lockRestorablePoint } from './lock-restorable-point.ts';
import { checkTargetLocation } from './target-location.ts';

/** A recovery that is asked for. */
export interface RecoveryRequest {
  readonly job_id: number;
  readonly target_system: string;
  readonly include_patterns: readonly string[];
  readonly dry_run: boolean;
  readonly request_id: string;
  readonly created_at: Date;
}

const historyLength = 20;

/**
 * Makes a recovery with its task in the caller's transaction, or finds the one that this request_id made. The target's
 * settings and the include patterns are fixed now: what was checked is what will be executed.
 * Throws BACKUP_NOT_FOUND, BACKUP_NOT_RESTORABLE, TARGET_UNKNOWN, TARGET_INSIDE_SOURCE, REQUEST_ID_REUSED.
 */
export async function makeRecoveryOnce(
  session: CatalogSession,
  request: RecoveryRequest,
): Promise<{ readonly id: number; readonly isNew: boolean }> {
  const earlier = await findRecoveryByRequest(session, request.request_id);
  if (earlier !== undefined) {
    if (isSame(earlier, request)) return { id: earlier.id, isNew: false };
    const recovery = toRecoveryId(earlier.id);
    throw new PlatformError('REQUEST_ID_REUSED', `the request_id was used for ${recovery}, which is another request`);
  }
  const point = await lockRestorablePoint(session, request.job_id);
  const target = await findTargetSystem(session, request.target_system);
  if (target === undefined) {
    throw new PlatformError('TARGET_UNKNOWN', `the target system ${request.target_system} is not registered`);
  }
  await checkLocation(session, point, target);
  const id = await insertRecovery(session, {
    ...request,
    expected_seconds: await expectedSeconds(session, request, point),
  });
  const specification = await specifyRecovery(session, request, { id, point, target });
  await insertTask(session, {
    kind: 'recovery',
    recovery_id: id,
    specification,
    not_before: request.created_at,
    created_at: request.created_at,
  });
  return { id, isNew: true };
}

async function checkLocation(session: CatalogSession, point: RecoveryPointRow, target: TargetSystemRow): Promise<void> {
  const source = await findSourceSystem(session, point.source_system);
  const paths = [point.evidence.source_path, ...(source === undefined ? [] : [source.settings.path])];
  checkTargetLocation(target.settings, paths);
}

/** Null also for part of a point: how much the patterns match is not known before the point is read. */
async function expectedSeconds(
  session: CatalogSession,
  request: RecoveryRequest,
  { evidence }: RecoveryPointRow,
): Promise<number | null> {
  if (request.include_patterns.length > 0) return null;
  const results = (await listPastRecoveries(session, historyLength)).map((row) => row.result);
  const history = results
    .filter((result) => result !== null)
    .map((result) => ({
      bytes: result.bytes_written,
      files: result.files_written,
      seconds: result.duration_seconds,
    }));
  const files = evidence.files_new + evidence.files_changed + evidence.files_unmodified;
  return expectedRecoverySeconds({ bytes: evidence.bytes_processed, files }, history);
}

async function specifyRecovery(
  session: CatalogSession,
  request: RecoveryRequest,
  { id, point, target }: { readonly id: number; readonly point: RecoveryPointRow; readonly target: TargetSystemRow },
): Promise<RecoveryTask> {
  const repository_id = toRepositoryId(point.repository_id);
  const repository = await findRepository(session, point.repository_id);
  if (repository === undefined) {
    throw new PlatformError('REPOSITORY_UNKNOWN', `the repository ${repository_id} is not registered`);
  }
  return {
    kind: 'recovery',
    recovery_id: toRecoveryId(id),
    backup_id: toBackupId(point.job_id),
    snapshot_id: snapshotId.parse(point.snapshot_id),
    source_path: point.evidence.source_path,
    target: target.settings,
    include: [...request.include_patterns],
    repository: { repository_id, location: repository.location, password_secret: repository.password_secret },
    dry_run: request.dry_run,
  };
}

function isSame(recovery: RecoveryRow, request: RecoveryRequest): boolean {
  return (
    recovery.job_id === request.job_id &&
    recovery.target_system === request.target_system &&
    recovery.dry_run === request.dry_run &&
    JSON.stringify(recovery.include_patterns) === JSON.stringify(request.include_patterns)
  );
}
