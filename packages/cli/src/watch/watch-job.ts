import { fromErrorReport, PlatformError } from '@enterprise-backup/contracts/errors';
import type { JobView } from '@enterprise-backup/contracts/orchestrator';
import type { CommandContext } from '../command-context.ts';
import type { PlatformClient } from '../platform/platform-client.ts';
import { waitUntilEnded } from './wait-until-ended.ts';

/** Shows the progress of a job until it has ended, and returns it. `label` names it to the person. */
export async function watchJob(
  context: CommandContext,
  platform: PlatformClient,
  backupId: string,
  label: string,
): Promise<JobView> {
  return waitUntilEnded<JobView>(context, {
    label,
    ask: async () => (await platform.orchestrator('get_job', { backup_id: backupId })).job,
    statusOf: (job) => job.status,
    progressOf: (job) => job.progress,
  });
}

/** Throws the error of a job that has failed, so that the command ends as the error's kind demands. */
export function assertJobCompleted(job: JobView): void {
  if (job.status !== 'failed') return;
  if (job.error === null) throw new PlatformError('INTERNAL', `${job.backup_id} has failed without an error`);
  throw fromErrorReport({ code: job.error.code, message: `${job.backup_id} has failed: ${job.error.message}` });
}
