import type { CatalogSession } from '../catalog.ts';

/** The job whose point is this snapshot of the repository. */
export const findSnapshotJob = async (
  { knex }: CatalogSession,
  snapshot: { readonly repository_id: number; readonly snapshot_id: string },
): Promise<number | undefined> => {
  const row = await knex('recovery_points')
    .where({ repository_id: snapshot.repository_id, snapshot_id: snapshot.snapshot_id })
    .first('job_id');
  return row?.job_id;
};
