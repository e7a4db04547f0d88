import { PlatformError } from '@enterprise-backup/contracts/errors';
import { toScheduleId } from '@enterprise-backup/contracts/ids';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { ScheduleRow } from '@enterprise-backup/schema/rows';
import { findSchedule } from '@enterprise-backup/schema/statements/find-schedule';

/** The schedule with this number. Throws SCHEDULE_NOT_FOUND. */
export async function requireSchedule(session: CatalogSession, id: number): Promise<ScheduleRow> {
  const schedule = await findSchedule(session, id);
  if (schedule === undefined) throw scheduleNotFound(id);
  return schedule;
}

export function scheduleNotFound(id: number): PlatformError {
  return new PlatformError('SCHEDULE_NOT_FOUND', `there is no ${toScheduleId(id)}`);
}
