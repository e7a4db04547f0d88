import type { JobView } from '@enterprise-backup/contracts/orchestrator';
import { progressWords } from '../progress/progress-words.ts';
import { formatTime } from '../format/time.ts';
import type { Output } from '../output/output.ts';
import { errorFields } from './error-fields.ts';
import { writeFields } from './fields.ts';
import { statusCell } from './status-cell.ts';

/** Writes one job with everything that is known of it. */
export function writeJob(output: Output, job: JobView): void {
  output.line(`${output.paint('strong', job.backup_id)} ${job.backup_type} backup of ${job.source_system}`);
  const running = job.status === 'running' && job.progress !== null;
  writeFields(output, [
    ['status', job.status],
    ['job name', job.job_name],
    ['schedule', job.schedule_id],
    ['created', formatTime(job.created_at)],
    ['started', job.started_at === null ? null : formatTime(job.started_at)],
    ['completed', job.completed_at === null ? null : formatTime(job.completed_at)],
    ['attempts', String(job.attempts)],
    ['progress', running && job.progress !== null ? progressWords(job.progress) : null],
    ...errorFields(job.error),
  ]);
}

/** Writes jobs as a table. */
export function writeJobs(output: Output, jobs: readonly JobView[]): void {
  if (jobs.length === 0) {
    output.line('No jobs.');
    return;
  }
  output.table({
    columns: [
      { title: 'backup' },
      { title: 'source' },
      { title: 'type' },
      { title: 'status' },
      { title: 'created' },
      { title: 'completed' },
      { title: 'tries', align: 'right' },
      { title: 'error' },
    ],
    rows: jobs.map((job) => [
      job.backup_id,
      job.source_system,
      job.backup_type,
      statusCell(job.status),
      formatTime(job.created_at),
      formatTime(job.completed_at),
      String(job.attempts),
      job.error?.code ?? '',
    ]),
  });
}
