import type { CatalogSession } from '../catalog.ts';
import type { JobRow } from '../rows.ts';

/** The oldest job of a source that waits or runs. */
export const findActiveJob = async ({ knex }: CatalogSession, sourceSystem: string): Promise<JobRow | undefined> =>
  knex('backup_jobs')
    .where({ source_system: sourceSystem })
    .whereIn('status', ['pending', 'running'])
    .orderBy('id')
    .first();
