import { snapshotId, toBackupId } from '@enterprise-backup/contracts/ids';
import type { PointView } from '@enterprise-backup/contracts/orchestrator';
import type { PointWithJob } from '@enterprise-backup/schema/statements/list-points';
import { expiryOf } from '../retention/retention-decisions.ts';

/** A recovery point as a person sees it. */
export function viewPoint(point: PointWithJob): PointView {
  return {
    backup_id: toBackupId(point.job_id),
    snapshot_id: snapshotId.parse(point.snapshot_id),
    job_name: point.job_name,
    source_system: point.source_system,
    backup_type: point.backup_type,
    created_at: point.created_at,
    retention_days: point.retention_days,
    expires_at: expiryOf(point).toISOString(),
    hold_reason: point.hold_reason,
    evidence: point.evidence,
    last_proven_at: point.last_proven_at,
  };
}
