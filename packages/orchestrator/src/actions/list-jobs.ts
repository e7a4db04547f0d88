import { listJobs as listRows } from '@enterprise-backup/schema/statements/list-jobs';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';
import { viewJob } from '../views/job-view.ts';

/** The newest jobs, of one source or status if asked for. */
export async function listJobs(
  { catalog, clock }: OrchestratorServices,
  { source_system, status, limit }: RequestFor<'list_jobs'>,
): Promise<AnswerTo<'list_jobs'>> {
  const jobs = await listRows(catalog, {
    limit,
    ...(source_system === undefined ? {} : { source_system }),
    ...(status === undefined ? {} : { status }),
  });
  const now = clock.now();
  return { jobs: jobs.map((job) => viewJob(job, now)) };
}
