import type { ScheduleView } from '@enterprise-backup/contracts/orchestrator';
import { formatAge } from '../format/time.ts';
import type { Output } from '../output/output.ts';

/** Writes schedules as a table. */
export function writeSchedules(output: Output, schedules: readonly ScheduleView[], now: Date): void {
  if (schedules.length === 0) {
    output.line('No schedules.');
    return;
  }
  output.table({
    columns: [
      { title: 'schedule' },
      { title: 'job name' },
      { title: 'source' },
      { title: 'type' },
      { title: 'cron' },
      { title: 'time zone' },
      { title: 'keep days', align: 'right' },
      { title: 'state' },
      { title: 'last due' },
      { title: 'next due' },
    ],
    rows: schedules.map((schedule) => [
      schedule.schedule_id,
      schedule.job_name,
      schedule.source_system,
      schedule.backup_type,
      schedule.cron_expression,
      schedule.time_zone,
      String(schedule.retention_days),
      { text: schedule.enabled ? 'enabled' : 'disabled', tone: schedule.enabled ? 'good' : 'weak' },
      formatAge(schedule.last_due_at, now),
      formatAge(schedule.next_due_at, now),
    ]),
  });
}
