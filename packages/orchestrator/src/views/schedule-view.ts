import { toScheduleId } from '@enterprise-backup/contracts/ids';
import type { ScheduleView } from '@enterprise-backup/contracts/orchestrator';
import type { ScheduleRow } from '@enterprise-backup/schema/rows';
import { nextDueTimeOf } from '../schedules/next-due-time.ts';

/** A schedule as a person sees it at `now`. */
export function viewSchedule(schedule: ScheduleRow, now: Date): ScheduleView {
  return {
    schedule_id: toScheduleId(schedule.id),
    job_name: schedule.job_name,
    source_system: schedule.source_system,
    backup_type: schedule.backup_type,
    cron_expression: schedule.cron_expression,
    time_zone: schedule.time_zone,
    retention_days: schedule.retention_days,
    enabled: schedule.enabled,
    created_at: schedule.created_at,
    last_due_at: schedule.last_due_at,
    next_due_at: nextDueTimeOf(schedule, now)?.toISOString() ?? null,
  };
}
