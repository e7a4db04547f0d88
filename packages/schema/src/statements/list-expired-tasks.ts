import type { CatalogSession } from '../catalog.ts';

/** Ids of running tasks whose lease ended at or before `now`, by age. */
export const listExpiredTasks = async ({ knex }: CatalogSession, now: Date): Promise<number[]> =>
  knex('tasks').where({ status: 'running' }).where('lease_expires_at', '<=', now).orderBy('id').pluck<number[]>('id');
