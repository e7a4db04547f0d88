import { PlatformError } from '@enterprise-backup/contracts/errors';
import { toBackupId } from '@enterprise-backup/contracts/ids';
import type { InvocationContext } from '@enterprise-backup/contracts/invocation';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import { violatedConstraint } from '@enterprise-backup/schema/constraint-violation';
import type { JobRow } from '@enterprise-backup/schema/rows';
import { findActiveJob } from '@enterprise-backup/schema/statements/find-active-job';
import { findJobByRequest } from '@enterprise-backup/schema/statements/find-job-by-request';
import { lockSourceSystem } from '@enterprise-backup/schema/statements/lock-source-system';
import { transaction } from '@enterprise-backup/schema/transaction';
import { makeJob } from '../make-job.ts';
import { requireJobView } from '../require-job-view.ts';
import { sourceUnknown } from '../require-source.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/**
 * Starts a job now. A source that has a job waiting or running gets no second one by hand: JOB_ALREADY_ACTIVE.
 *
 * Repeatable: the same request_id answers the job that the first call made. Without a request_id the id of the invocation
 * stands for it, because Lambda repeats a failed Event invocation under the same id.
 * Throws SOURCE_UNKNOWN, JOB_ALREADY_ACTIVE, REQUEST_ID_REUSED.
 */
export async function startBackup(
  { catalog, clock, log }: OrchestratorServices,
  request: RequestFor<'start_backup'>,
  context: InvocationContext,
): Promise<AnswerTo<'start_backup'>> {
  const now = clock.now();
  const request_id = request.request_id ?? context.awsRequestId;
  const wanted: WantedJob = {
    job_name: request.job_name ?? request.source_system,
    source_system: request.source_system,
    backup_type: request.backup_type,
    retention_days: request.retention_days,
  };
  const start = (): Promise<number> =>
    transaction(catalog, (session) => startOnce(session, wanted, { request_id, now }));
  const id = await start().catch((error: unknown) => {
    // Another call with this request_id, for another source, was committed in between: now it is found.
    if (violatedConstraint(error) === 'unique') return start();
    throw error;
  });
  log.info('backup requested', { backup_id: toBackupId(id) });
  return { job: await requireJobView(catalog, id, now) };
}

type WantedJob = Pick<JobRow, 'job_name' | 'source_system' | 'backup_type' | 'retention_days'>;

async function startOnce(
  session: CatalogSession,
  wanted: WantedJob,
  { request_id, now }: { readonly request_id: string; readonly now: Date },
): Promise<number> {
  // The source's row stays locked until the commit: of two calls for one source the second sees the first one's job.
  const source = await lockSourceSystem(session, wanted.source_system);
  if (source === undefined) throw sourceUnknown(wanted.source_system);
  const earlier = await findJobByRequest(session, request_id);
  if (earlier !== undefined) {
    if (isSame(earlier, wanted)) return earlier.id;
    const job = toBackupId(earlier.id);
    throw new PlatformError('REQUEST_ID_REUSED', `the request_id was used for ${job}, which is another request`);
  }
  const active = await findActiveJob(session, wanted.source_system);
  if (active !== undefined) {
    const sentence = `${toBackupId(active.id)} of ${wanted.source_system} is ${active.status}`;
    throw new PlatformError('JOB_ALREADY_ACTIVE', sentence);
  }
  return makeJob(session, {
    source,
    now,
    request_id,
    job_name: wanted.job_name,
    backup_type: wanted.backup_type,
    retention_days: wanted.retention_days,
  });
}

function isSame(job: JobRow, wanted: WantedJob): boolean {
  return (
    job.job_name === wanted.job_name &&
    job.source_system === wanted.source_system &&
    job.backup_type === wanted.backup_type &&
    job.retention_days === wanted.retention_days
  );
}
