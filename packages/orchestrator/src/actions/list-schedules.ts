import { listSchedules as listRows } from '@enterprise-backup/schema/statements/list-schedules';
import type { AnswerTo, OrchestratorServices } from '../services.ts';
import { viewSchedule } from '../views/schedule-view.ts';

/** Every schedule, by id. */
export async function listSchedules({ catalog, clock }: OrchestratorServices): Promise<AnswerTo<'list_schedules'>> {
  const now = clock.now();
  return { schedules: (await listRows(catalog)).map((schedule) => viewSchedule(schedule, now)) };
}
