import type { ScheduleRow } from '@enterprise-backup/schema/rows';

/**
 * The instant after which due times of a schedule count: its newest one that has a job or
 * that a waiting one stands for, or its last change. What fell
 * due while it was disabled or had another expression is not made up for. RFC 3339.
 */
export function dueSince(schedule: Pick<ScheduleRow, 'created_at' | 'updated_at' | 'last_due_at'>): string {
  const times = [schedule.created_at, schedule.updated_at, schedule.last_due_at ?? ''];
  return times.reduce((newest, time) => (time > newest ? time : newest));
}
