import { PlatformError } from '@enterprise-backup/contracts/errors';
import { violatedConstraint } from '@enterprise-backup/schema/constraint-violation';
import { insertSchedule } from '@enterprise-backup/schema/statements/insert-schedule';
import { transaction } from '@enterprise-backup/schema/transaction';
import { readTimetable } from '../due-times.ts';
import { requireSchedule } from '../schedules/require-schedule.ts';
import { requireSource } from '../require-source.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';
import { viewSchedule } from '../views/schedule-view.ts';

/** Makes a schedule. Throws CRON_INVALID, SOURCE_UNKNOWN, NAME_TAKEN. */
export async function createSchedule(
  { catalog, clock, log }: OrchestratorServices,
  request: RequestFor<'create_schedule'>,
): Promise<AnswerTo<'create_schedule'>> {
  readTimetable(request);
  const now = clock.now();
  try {
    const row = await transaction(catalog, async (session) => {
      await requireSource(session, request.source_system);
      return requireSchedule(session, await insertSchedule(session, { ...request, created_at: now, updated_at: now }));
    });
    const schedule = viewSchedule(row, now);
    log.info('schedule created', { schedule_id: schedule.schedule_id });
    return { schedule };
  } catch (error) {
    if (violatedConstraint(error) !== 'unique') throw error;
    throw new PlatformError('NAME_TAKEN', `a schedule with the job name ${request.job_name} exists`, { cause: error });
  }
}
