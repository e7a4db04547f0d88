import type { ErrorReport } from '@enterprise-backup/contracts/errors';
import type { CatalogSession } from '../catalog.ts';

/** Marks a job as failed. */
export const failJob = async ({ knex }: CatalogSession, id: number, error: ErrorReport, now: Date): Promise<void> => {
  await knex('backup_jobs').where({ id }).update({ status: 'failed', completed_at: now, error });
};
