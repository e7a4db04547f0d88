import { rowOf } from '@enterprise-backup/contracts/ids';
import { requireJobView } from '../require-job-view.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/** One job. Throws BACKUP_NOT_FOUND. */
export async function getJob(
  { catalog, clock }: OrchestratorServices,
  { backup_id }: RequestFor<'get_job'>,
): Promise<AnswerTo<'get_job'>> {
  return { job: await requireJobView(catalog, rowOf(backup_id), clock.now()) };
}
