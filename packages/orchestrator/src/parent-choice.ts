import type { BackupType } from '@enterprise-backup/contracts/catalog';

/** A completed point of the source, as far as the choice of a parent needs it. */
export interface ParentCandidate {
  readonly job_id: number;
  readonly snapshot_id: string;
  readonly backup_type: BackupType;
  /** RFC 3339 with milliseconds, so that text order is time order. */
  readonly created_at: string;
}

/** The point that a new backup takes unchanged files from, or null, and why. */
export interface ParentChoice {
  readonly parent: ParentCandidate | null;
  readonly reason: string;
}

/**
 * Chooses the parent of a backup among the points of the same source in the same repository: none for a full backup, the
 * newest point for an incremental one, the newest full point for a differential one. Without a parent everything is
 * read, so the result is whole in every case.
 */
export function chooseParent(backupType: BackupType, candidates: readonly ParentCandidate[]): ParentChoice {
  if (backupType === 'full') return { parent: null, reason: 'a full backup reads everything' };
  const wanted =
    backupType === 'differential' ? candidates.filter((point) => point.backup_type === 'full') : candidates;
  const parent = wanted.reduce<ParentCandidate | null>(newer, null);
  const kind = backupType === 'differential' ? 'full point' : 'point';
  if (parent === null) return { parent, reason: `the source has no ${kind} in this repository` };
  return { parent, reason: `backup-${parent.job_id} is the newest ${kind} of the source` };
}

function newer(best: ParentCandidate | null, point: ParentCandidate): ParentCandidate {
  if (best === null || point.created_at > best.created_at) return point;
  return point.created_at === best.created_at && point.job_id > best.job_id ? point : best;
}
