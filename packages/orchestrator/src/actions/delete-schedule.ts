import { rowOf } from '@enterprise-backup/contracts/ids';
import { deleteSchedule as deleteRow } from '@enterprise-backup/schema/statements/delete-schedule';
import { scheduleNotFound } from '../schedules/require-schedule.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/** Removes a schedule; its jobs, waiting ones too, and its points stay. Throws SCHEDULE_NOT_FOUND. */
export async function deleteSchedule(
  { catalog, log }: OrchestratorServices,
  { schedule_id }: RequestFor<'delete_schedule'>,
): Promise<AnswerTo<'delete_schedule'>> {
  if (!(await deleteRow(catalog, rowOf(schedule_id)))) throw scheduleNotFound(rowOf(schedule_id));
  log.info('schedule deleted', { schedule_id });
  return { schedule_id };
}
