import type { RetentionDecision } from '@enterprise-backup/contracts/orchestrator';
import { toBackupId, snapshotId } from '@enterprise-backup/contracts/ids';

/** A completed point that has not been removed, as far as retention needs it. Times are RFC 3339 with milliseconds. */
export interface RetainedPoint {
  readonly job_id: number;
  readonly snapshot_id: string;
  readonly source_system: string;
  readonly created_at: string;
  readonly retention_days: number;
  readonly hold_reason: string | null;
  /** Whether a recovery or a verification of the point waits or runs. */
  readonly in_use: boolean;
}

const millisecondsOfDay = 86_400_000;

/** When the point's retention ends. */
export function expiryOf(point: Pick<RetainedPoint, 'created_at' | 'retention_days'>): Date {
  return new Date(Date.parse(point.created_at) + point.retention_days * millisecondsOfDay);
}

/**
 * Decides for each point whether it stays, with the reason, oldest first within each source. `points` must hold every
 * point of each source in it: the newest point of a source is never removed. Every point is whole by itself, so none
 * stays for the sake of another.
 */
export function decideRetention(points: readonly RetainedPoint[], now: Date): RetentionDecision[] {
  const newest = new Map<string, RetainedPoint>();
  const ordered = points.toSorted(bySourceAndAge);
  for (const point of ordered) newest.set(point.source_system, point);
  return ordered.map((point) => ({
    backup_id: toBackupId(point.job_id),
    snapshot_id: snapshotId.parse(point.snapshot_id),
    source_system: point.source_system,
    created_at: point.created_at,
    ...verdictOf(point, newest.get(point.source_system) === point, now),
  }));
}

function verdictOf(point: RetainedPoint, isNewest: boolean, now: Date): Pick<RetentionDecision, 'keep' | 'reason'> {
  const expiry = expiryOf(point);
  if (isNewest) return { keep: true, reason: `it is the newest point of ${point.source_system}` };
  if (point.hold_reason !== null) return { keep: true, reason: `it is held: ${point.hold_reason}` };
  if (point.in_use) return { keep: true, reason: 'a recovery of it waits or runs' };
  if (expiry > now) {
    return { keep: true, reason: `its ${point.retention_days} days end at ${expiry.toISOString()}` };
  }
  return { keep: false, reason: `its ${point.retention_days} days ended at ${expiry.toISOString()}` };
}

function bySourceAndAge(a: RetainedPoint, b: RetainedPoint): number {
  if (a.source_system !== b.source_system) return a.source_system < b.source_system ? -1 : 1;
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
  return a.job_id - b.job_id;
}
