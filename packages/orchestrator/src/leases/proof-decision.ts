import type { RecoveryResult, RecoveryTask, VerifyResult, VerifyTask } from '@enterprise-backup/contracts/tasks';

/** Tells whether a completed recovery proves that its point can be restored: all of it was, and all of it was verified. */
export function recoveryProves(task: Pick<RecoveryTask, 'include' | 'dry_run'>, result: RecoveryResult): boolean {
  if (task.dry_run || result.dry_run || task.include.length > 0) return false;
  return result.files_verified === result.files_total && result.bytes_verified === result.bytes_total;
}

/** Tells whether a verification proves the point: it found what the recovery wrote, all of it and without a mismatch. */
export function verificationProves(
  task: Pick<VerifyTask, 'include'>,
  recovery: RecoveryResult | null,
  result: VerifyResult,
): boolean {
  if (task.include.length > 0 || recovery === null || recovery.dry_run || result.mismatch_count > 0) return false;
  return result.files_verified === recovery.files_total && result.bytes_verified === recovery.bytes_total;
}
