import type { CatalogSession } from '../catalog.ts';

/** Whether a point was ever recorded in the repository, also one that retention has removed. */
export const repositoryHasPoints = async ({ knex }: CatalogSession, repositoryId: number): Promise<boolean> =>
  (await knex('recovery_points').where({ repository_id: repositoryId }).first('job_id')) !== undefined;
