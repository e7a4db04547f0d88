import type { CatalogSession } from '../catalog.ts';
import type { RecoveryPointRow } from '../rows.ts';

/** Points of a source in a repository that retention has not removed. */
export const listParentCandidates = async (
  { knex }: CatalogSession,
  wanted: { readonly source_system: string; readonly repository_id: number },
): Promise<Pick<RecoveryPointRow, 'job_id' | 'snapshot_id' | 'backup_type' | 'created_at'>[]> =>
  knex('recovery_points')
    .where({ source_system: wanted.source_system, repository_id: wanted.repository_id })
    .whereNull('forgotten_at')
    .select('job_id', 'snapshot_id', 'backup_type', 'created_at');
