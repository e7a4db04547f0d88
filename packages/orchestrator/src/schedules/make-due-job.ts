import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import { violatedConstraint } from '@enterprise-backup/schema/constraint-violation';
import type { ScheduleRow } from '@enterprise-backup/schema/rows';
import { findUntouchedJob } from '@enterprise-backup/schema/statements/find-untouched-job';
import { findSourceSystem } from '@enterprise-backup/schema/statements/find-source-system';
import { lockJob } from '@enterprise-backup/schema/statements/lock-job';
import { updateSchedule } from '@enterprise-backup/schema/statements/update-schedule';
import { passedDueTimes } from '../due-times.ts';
import { makeJob, type JobRequest } from '../make-job.ts';
import { dueSince } from './due-since.ts';

/** What became of a schedule's newest due time. */
export interface DueJob {
  readonly job_id: number;
  /** Whether the job was made now. Otherwise it waits since an earlier due time, untouched, and stands for this one, too. */
  readonly made: boolean;
  /** How many due times before it passed with no tick to see them. */
  readonly missed: number;
}

/**
 * Makes the job of a schedule's newest due time up to `now`, if it has none yet; otherwise null. A job of the schedule that no
 * agent has taken up yet stands for the new due time as well: it will back up what is there when it runs, and while no agent
 * is there, jobs would pile up that all do the same. One that an agent has begun does not, as its snapshot may exist already.
 *
 * Job, task and the schedule's last_due_at are written in the caller's transaction, in which `schedule` must be locked: a crash
 * leaves all or nothing, and the next tick finds the same due time again. Throws CRON_INVALID.
 */
export async function makeDueJob(session: CatalogSession, schedule: ScheduleRow, now: Date): Promise<DueJob | null> {
  if (!schedule.enabled) return null;
  const passed = passedDueTimes(schedule, new Date(dueSince(schedule)), now);
  if (passed === null) return null;
  const source = await findSourceSystem(session, schedule.source_system);
  if (source === undefined) return null;
  const waiting = await lockUntouchedJob(session, schedule);
  const job_id = waiting ?? (await makeJobOnce(session, { source, schedule, due_at: passed.newest, now }));
  await updateSchedule(session, schedule.id, { last_due_at: passed.newest });
  return job_id === null ? null : { job_id, made: waiting === null, missed: passed.missed };
}

/**
 * The job that waits, locked: an agent that takes it up at this moment does so after this transaction, and its start lies behind
 * the due time that the job stands for.
 */
async function lockUntouchedJob(session: CatalogSession, schedule: ScheduleRow): Promise<number | null> {
  const found = await findUntouchedJob(session, schedule);
  if (found === undefined) return null;
  const job = await lockJob(session, found.id);
  return job?.status === 'pending' && job.started_at === null ? job.id : null;
}

interface DueTime extends Pick<JobRequest, 'source' | 'now'> {
  readonly schedule: ScheduleRow;
  readonly due_at: Date;
}

/** Null when the due time has a job already: last_due_at was set back by hand, and the table's unique key holds. */
async function makeJobOnce(
  session: CatalogSession,
  { source, schedule, due_at, now }: DueTime,
): Promise<number | null> {
  try {
    return await makeJob(session, {
      source,
      now,
      job_name: schedule.job_name,
      backup_type: schedule.backup_type,
      retention_days: schedule.retention_days,
      schedule_id: schedule.id,
      due_at,
    });
  } catch (error) {
    if (violatedConstraint(error) === 'unique') return null;
    throw error;
  }
}
