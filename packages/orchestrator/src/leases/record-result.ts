import { PlatformError } from '@enterprise-backup/contracts/errors';
import { rowOf, toBackupId } from '@enterprise-backup/contracts/ids';
import type {
  BackupResult,
  BackupTask,
  RecoveryResult,
  TaskResult,
  VerifyResult,
} from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { TaskRow } from '@enterprise-backup/schema/rows';
import { completeJob } from '@enterprise-backup/schema/statements/complete-job';
import { completeRecovery } from '@enterprise-backup/schema/statements/complete-recovery';
import { findRecovery } from '@enterprise-backup/schema/statements/find-recovery';
import { findSnapshotJob } from '@enterprise-backup/schema/statements/find-snapshot-job';
import { insertRecoveryPoint } from '@enterprise-backup/schema/statements/insert-recovery-point';
import { provePoint } from '@enterprise-backup/schema/statements/prove-point';
import { setVerification } from '@enterprise-backup/schema/statements/set-verification';
import { recoveryProves, verificationProves } from './proof-decision.ts';

/** Writes what a completed task means for its job, point or recovery, in the caller's transaction. */
export async function recordResult(
  session: CatalogSession,
  task: TaskRow,
  result: TaskResult,
  now: Date,
): Promise<void> {
  switch (result.kind) {
    case 'backup':
      return recordBackup(session, task, result, now);
    case 'recovery':
      return recordRecovery(session, task, result, now);
    case 'verify':
      return recordVerification(session, task, result, now);
    case 'forget':
      // The points were marked when the plan was applied: an agent that is late must not make them look present.
      return;
  }
}

async function recordBackup(session: CatalogSession, task: TaskRow, result: BackupResult, now: Date): Promise<void> {
  const { specification, job_id } = task;
  if (specification.kind !== 'backup' || job_id === null) throw inconsistent(task);
  await checkSnapshotIsNew(session, specification, result);
  await completeJob(session, job_id, now);
  await insertRecoveryPoint(session, {
    job_id,
    repository_id: rowOf(specification.repository.repository_id),
    snapshot_id: result.snapshot_id,
    source_system: specification.source_system,
    backup_type: specification.backup_type,
    evidence: result,
    created_at: now,
  });
}

/** Each job makes a snapshot of its own: one that belongs to another job would be removed with that job's point. */
async function checkSnapshotIsNew(session: CatalogSession, task: BackupTask, result: BackupResult): Promise<void> {
  const repository_id = rowOf(task.repository.repository_id);
  const other = await findSnapshotJob(session, { repository_id, snapshot_id: result.snapshot_id });
  if (other === undefined) return;
  throw new PlatformError('REQUEST_INVALID', `result.snapshot_id: the snapshot is that of ${toBackupId(other)}`);
}

async function recordRecovery(
  session: CatalogSession,
  task: TaskRow,
  result: RecoveryResult,
  now: Date,
): Promise<void> {
  const { specification, recovery_id } = task;
  if (specification.kind !== 'recovery' || recovery_id === null) throw inconsistent(task);
  await completeRecovery(session, recovery_id, result, now);
  if (recoveryProves(specification, result)) await provePoint(session, rowOf(specification.backup_id), now);
}

async function recordVerification(
  session: CatalogSession,
  task: TaskRow,
  result: VerifyResult,
  now: Date,
): Promise<void> {
  const { specification, recovery_id } = task;
  if (specification.kind !== 'verify' || recovery_id === null) throw inconsistent(task);
  const recovery = await findRecovery(session, recovery_id);
  await setVerification(session, recovery_id, result);
  if (verificationProves(specification, recovery?.result ?? null, result)) {
    await provePoint(session, rowOf(specification.backup_id), now);
  }
}

function inconsistent(task: TaskRow): PlatformError {
  return new PlatformError('INTERNAL', `the specification of the task ${task.id} does not fit its kind ${task.kind}`);
}
