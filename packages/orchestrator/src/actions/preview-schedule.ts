import { PlatformError } from '@enterprise-backup/contracts/errors';
import { rowOf } from '@enterprise-backup/contracts/ids';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import { nextDueTimes, type Timetable } from '../due-times.ts';
import { requireSchedule } from '../schedules/require-schedule.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/**
 * The next due times of a schedule, as if it were enabled, or of an expression. Throws REQUEST_INVALID unless exactly one
 * of the two is given, SCHEDULE_NOT_FOUND, CRON_INVALID.
 */
export async function previewSchedule(
  { catalog, clock }: OrchestratorServices,
  request: RequestFor<'preview_schedule'>,
): Promise<AnswerTo<'preview_schedule'>> {
  const timetable = await timetableOf(catalog, request);
  const times = nextDueTimes(timetable, clock.now(), request.count);
  return { due_at: times.map((time) => time.toISOString()) };
}

async function timetableOf(session: CatalogSession, request: RequestFor<'preview_schedule'>): Promise<Timetable> {
  const { schedule_id, cron_expression, time_zone } = request;
  if (schedule_id !== undefined && cron_expression === undefined) return requireSchedule(session, rowOf(schedule_id));
  if (cron_expression !== undefined && schedule_id === undefined) return { cron_expression, time_zone };
  throw new PlatformError('REQUEST_INVALID', 'the request is not valid: give either schedule_id or cron_expression');
}
