import { toBackupId, toRecoveryId } from '@enterprise-backup/contracts/ids';
import { viewProgress } from '@enterprise-backup/contracts/progress-view';
import type { RecoveryView } from '@enterprise-backup/contracts/recovery';
import type { TaskRow } from '@enterprise-backup/schema/rows';
import type { RecoveryWithTask } from '@enterprise-backup/schema/statements/list-recoveries';

/** State of a recovery's newest verification. */
export type Verification = Pick<TaskRow, 'status' | 'error'>;

/** A recovery as a person sees it at `now`. */
export function viewRecovery(
  recovery: RecoveryWithTask,
  verification: Verification | undefined,
  now: Date,
): RecoveryView {
  const { status, progress } = recovery;
  const since = recovery.progress_since === null ? null : new Date(recovery.progress_since);
  const until = recovery.completed_at === null ? now : new Date(recovery.completed_at);
  return {
    recovery_id: toRecoveryId(recovery.id),
    backup_id: toBackupId(recovery.job_id),
    source_system: recovery.source_system,
    target_system: recovery.target_system,
    include: [...recovery.include_patterns],
    dry_run: recovery.dry_run,
    status,
    created_at: recovery.created_at,
    started_at: recovery.started_at,
    completed_at: recovery.completed_at,
    attempts: recovery.attempts,
    expected_seconds: recovery.expected_seconds,
    progress: viewProgress({ status, progress, since }, until),
    result: recovery.result,
    verification: recovery.verification,
    verification_status: verification?.status ?? null,
    verification_error: verification?.error ?? null,
    error: recovery.error,
  };
}
