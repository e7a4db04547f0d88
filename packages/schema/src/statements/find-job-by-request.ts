import type { CatalogSession } from '../catalog.ts';
import type { JobRow } from '../rows.ts';

/** The job that the request of this id made. */
export const findJobByRequest = async ({ knex }: CatalogSession, requestId: string): Promise<JobRow | undefined> =>
  knex('backup_jobs').where({ request_id: requestId }).first();
