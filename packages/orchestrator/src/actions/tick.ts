import { PlatformError } from '@enterprise-backup/contracts/errors';
import { toBackupId, toScheduleId, type BackupId } from '@enterprise-backup/contracts/ids';
import type { ScheduleRow } from '@enterprise-backup/schema/rows';
import { deleteSilentAgents } from '@enterprise-backup/schema/statements/delete-silent-agents';
import { listSchedules } from '@enterprise-backup/schema/statements/list-schedules';
import { lockSchedule } from '@enterprise-backup/schema/statements/lock-schedule';
import { measureBacklog } from '@enterprise-backup/schema/statements/measure-backlog';
import { transaction } from '@enterprise-backup/schema/transaction';
import { passedDueTimes } from '../due-times.ts';
import { returnExpiredTasks } from '../leases/return-expired-tasks.ts';
import { judgeSources } from '../protection/judge-sources.ts';
import { dueSince } from '../schedules/due-since.ts';
import { makeDueJob, type DueJob } from '../schedules/make-due-job.ts';
import type { AnswerTo, OrchestratorServices } from '../services.ts';

const daysUntilAgentIsDropped = 7;
const millisecondsOfDay = 86_400_000;

/**
 * Makes the jobs that are due, returns tasks whose lease has ended, and names the sources that are overdue. May be
 * repeated, late, or run many times at once: each due time of a schedule gets one job, or one that waits stands for it.
 */
export async function tick(services: OrchestratorServices): Promise<AnswerTo<'tick'>> {
  const { catalog, clock, log, metrics } = services;
  const now = clock.now();
  const jobs_created = await makeDueJobs(services, now);
  const { returned, ended } = await returnExpiredTasks(services, now);
  const sources = await judgeSources(catalog, now);
  const overdue = sources.filter((source) => source.overdue_since !== null);
  for (const { view, overdue_since } of overdue) {
    log.warn('source overdue', { source_system: view.source_system, overdue_since, verdict: view.verdict });
  }
  metrics.addMetric('SourcesOverdue', 'Count', overdue.length);
  const { tasks, since } = await measureBacklog(catalog, now);
  metrics.addMetric('TasksWaiting', 'Count', tasks);
  metrics.addMetric('OldestTaskWait', 'Seconds', since === null ? 0 : (now.getTime() - Date.parse(since)) / 1000);
  await deleteSilentAgents(catalog, new Date(now.getTime() - daysUntilAgentIsDropped * millisecondsOfDay));
  return {
    jobs_created,
    tasks_returned: [...returned],
    tasks_failed: [...ended],
    overdue: overdue.map(({ view }) => view.source_system),
  };
}

async function makeDueJobs(services: OrchestratorServices, now: Date): Promise<BackupId[]> {
  const { catalog, log, metrics } = services;
  const created: BackupId[] = [];
  for (const schedule of await listSchedules(catalog)) {
    const job = await makeDueJobOf(services, schedule, now);
    if (job === null) continue;
    const backup_id = toBackupId(job.job_id);
    const fields = { backup_id, schedule_id: toScheduleId(schedule.id), missed_due_times: job.missed };
    if (job.made) {
      created.push(backup_id);
      log.info('job due', fields);
    } else {
      log.warn('due again while its job waits', fields);
    }
    if (job.missed > 0) metrics.addMetric('MissedRuns', 'Count', job.missed);
  }
  if (created.length > 0) metrics.addMetric('JobsCreated', 'Count', created.length);
  return created;
}

/** The schedule is read again under its lock: another tick may have made the job, or a person disabled it meanwhile. */
async function makeDueJobOf(
  { catalog, log }: OrchestratorServices,
  schedule: ScheduleRow,
  now: Date,
): Promise<DueJob | null> {
  try {
    if (!schedule.enabled || passedDueTimes(schedule, new Date(dueSince(schedule)), now) === null) return null;
    return await transaction(catalog, async (session) => {
      const locked = await lockSchedule(session, schedule.id);
      return locked === undefined ? null : makeDueJob(session, locked, now);
    });
  } catch (error) {
    // A row that was written past the platform must not keep the other schedules from running.
    if (!(error instanceof PlatformError) || error.code !== 'CRON_INVALID') throw error;
    log.error('schedule cannot be read', { schedule_id: toScheduleId(schedule.id), error });
    return null;
  }
}
