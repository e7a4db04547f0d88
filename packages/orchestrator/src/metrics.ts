import type { TaskKind } from '@enterprise-backup/contracts/catalog';
import type { FunctionMetrics } from '@enterprise-backup/contracts/invocation';
import type { TaskResult } from '@enterprise-backup/contracts/tasks';

/** Counts a task that ended without a result. */
export function countEndedWork(metrics: FunctionMetrics, kind: TaskKind, status: 'failed' | 'cancelled'): void {
  if (status === 'cancelled' && kind !== 'backup') return;
  const names = {
    backup: 'JobsFailed',
    recovery: 'RecoveriesFailed',
    verify: 'VerificationsFailed',
    forget: 'ForgetsFailed',
  } as const satisfies Record<TaskKind, string>;
  metrics.addMetric(names[kind], 'Count', 1);
}

/** Counts a completed task with its figures. */
export function countCompletedWork(metrics: FunctionMetrics, result: TaskResult): void {
  switch (result.kind) {
    case 'backup':
      metrics.addMetric('JobsCompleted', 'Count', 1);
      metrics.addMetric('BytesProcessed', 'Bytes', result.bytes_processed);
      metrics.addMetric('BytesRead', 'Bytes', result.bytes_read);
      metrics.addMetric('BytesStored', 'Bytes', result.bytes_stored);
      metrics.addMetric('ItemsSkipped', 'Count', result.skipped_count);
      return;
    case 'recovery':
      if (result.dry_run) return;
      metrics.addMetric('RecoveriesCompleted', 'Count', 1);
      metrics.addMetric('BytesRecovered', 'Bytes', result.bytes_written);
      metrics.addMetric('RecoveryDuration', 'Seconds', result.duration_seconds);
      return;
    case 'verify':
      metrics.addMetric('VerificationMismatches', 'Count', result.mismatch_count);
      return;
    case 'forget':
      metrics.addMetric('SnapshotsForgotten', 'Count', result.snapshot_ids.length);
  }
}
