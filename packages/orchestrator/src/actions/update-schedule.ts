import { PlatformError } from '@enterprise-backup/contracts/errors';
import { rowOf } from '@enterprise-backup/contracts/ids';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { ScheduleRow } from '@enterprise-backup/schema/rows';
import { lockSchedule } from '@enterprise-backup/schema/statements/lock-schedule';
import { updateSchedule as writeSchedule } from '@enterprise-backup/schema/statements/update-schedule';
import { transaction } from '@enterprise-backup/schema/transaction';
import { readTimetable } from '../due-times.ts';
import { makeDueJob } from '../schedules/make-due-job.ts';
import { requireSchedule, scheduleNotFound } from '../schedules/require-schedule.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';
import { viewSchedule } from '../views/schedule-view.ts';

/**
 * Changes a schedule from now on. What fell due before the change and has no job yet gets it first, as the schedule was, or
 * one that waits stands for it:
 * a change between a due time and its tick loses no backup. Throws SCHEDULE_NOT_FOUND, CRON_INVALID.
 */
export async function updateSchedule(
  { catalog, clock, log }: OrchestratorServices,
  request: RequestFor<'update_schedule'>,
): Promise<AnswerTo<'update_schedule'>> {
  const { schedule_id, ...changes } = request;
  const id = rowOf(schedule_id);
  const now = clock.now();
  const row = await transaction(catalog, async (session) => {
    const schedule = await lockSchedule(session, id);
    if (schedule === undefined) throw scheduleNotFound(id);
    const { cron_expression = schedule.cron_expression, time_zone = schedule.time_zone } = changes;
    readTimetable({ cron_expression, time_zone });
    await makeOutstandingJob(session, schedule, now);
    await writeSchedule(session, id, { ...given(changes), updated_at: now });
    return requireSchedule(session, id);
  });
  log.info('schedule updated', { schedule_id });
  return { schedule: viewSchedule(row, now) };
}

/** A row that was written past the platform and cannot be read has nothing outstanding: the update mends it. */
async function makeOutstandingJob(session: CatalogSession, schedule: ScheduleRow, now: Date): Promise<void> {
  try {
    await makeDueJob(session, schedule, now);
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'CRON_INVALID') throw error;
  }
}

/** The fields that the request names; an absent one leaves its column as it is. */
function given<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}
