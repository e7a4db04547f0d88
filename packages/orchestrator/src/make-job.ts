import type { BackupType } from '@enterprise-backup/contracts/catalog';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { SourceSystemRow } from '@enterprise-backup/schema/rows';
import { findJob } from '@enterprise-backup/schema/statements/find-job';
import { insertJob } from '@enterprise-backup/schema/statements/insert-job';
import { insertTask } from '@enterprise-backup/schema/statements/insert-task';
import { specifyBackup } from './specify-backup.ts';

/** A job to be made. */
export interface JobRequest {
  readonly source: SourceSystemRow;
  readonly job_name: string;
  readonly backup_type: BackupType;
  readonly retention_days: number;
  readonly schedule_id?: number;
  readonly due_at?: Date;
  readonly request_id?: string;
  readonly now: Date;
}

/**
 * Makes a pending job with its task and returns the job's number. Both are written in the caller's transaction: there is
 * no job without a task. Violates `unique` when the request or the due time has a job.
 */
export async function makeJob(session: CatalogSession, request: JobRequest): Promise<number> {
  const { source, now, ...columns } = request;
  const id = await insertJob(session, { ...columns, source_system: source.source_system, created_at: now });
  const job = await findJob(session, id);
  if (job === undefined) throw new PlatformError('INTERNAL', `the job ${id} that was just made is not there`);
  const specification = await specifyBackup(session, job, source);
  await insertTask(session, { kind: 'backup', job_id: id, specification, not_before: now, created_at: now });
  return id;
}
