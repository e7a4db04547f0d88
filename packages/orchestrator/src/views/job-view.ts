import { toBackupId, toScheduleId } from '@enterprise-backup/contracts/ids';
import type { JobView } from '@enterprise-backup/contracts/orchestrator';
import { viewProgress } from '@enterprise-backup/contracts/progress-view';
import type { JobWithTask } from '@enterprise-backup/schema/statements/list-jobs';

/** A job as a person sees it at `now`. */
export function viewJob(job: JobWithTask, now: Date): JobView {
  const since = job.progress_since === null ? null : new Date(job.progress_since);
  const until = job.completed_at === null ? now : new Date(job.completed_at);
  return {
    backup_id: toBackupId(job.id),
    job_name: job.job_name,
    source_system: job.source_system,
    backup_type: job.backup_type,
    status: job.status,
    schedule_id: job.schedule_id === null ? null : toScheduleId(job.schedule_id),
    created_at: job.created_at,
    started_at: job.started_at,
    completed_at: job.completed_at,
    attempts: job.attempts,
    progress: since === null ? null : viewProgress({ status: job.status, progress: job.progress, since }, until),
    error: job.error,
  };
}
