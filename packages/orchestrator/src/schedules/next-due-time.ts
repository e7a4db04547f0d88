import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { ScheduleRow } from '@enterprise-backup/schema/rows';
import { nextDueTimes } from '../due-times.ts';

/**
 * The next due time of a schedule after `now`; null while it is disabled, and for one whose expression cannot be read: a
 * row that was written past the platform must not hide the others.
 */
export function nextDueTimeOf(schedule: ScheduleRow, now: Date): Date | null {
  if (!schedule.enabled) return null;
  try {
    return nextDueTimes(schedule, now, 1)[0] ?? null;
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'CRON_INVALID') return null;
    throw error;
  }
}
