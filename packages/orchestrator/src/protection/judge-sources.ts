import { toBackupId } from '@enterprise-backup/contracts/ids';
import type { ProtectionView } from '@enterprise-backup/contracts/orchestrator';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { JobRow, ScheduleRow } from '@enterprise-backup/schema/rows';
import { listNewestEndedJobs } from '@enterprise-backup/schema/statements/list-newest-ended-jobs';
import { listProtectionPoints } from '@enterprise-backup/schema/statements/list-protection-points';
import { listRunningJobs } from '@enterprise-backup/schema/statements/list-running-jobs';
import { listSchedules } from '@enterprise-backup/schema/statements/list-schedules';
import { listSourceSystems } from '@enterprise-backup/schema/statements/list-source-systems';
import { dueSince } from '../schedules/due-since.ts';
import { nextDueTimeOf } from '../schedules/next-due-time.ts';
import { judgeProtection } from './protection-verdict.ts';

/** A source's protection, and the due time that it misses, or null. */
export interface JudgedSource {
  readonly view: ProtectionView;
  readonly overdue_since: Date | null;
}

/** Judges every source system at `now`, by name. Reads the catalog a fixed number of times, however many there are. */
export async function judgeSources(session: CatalogSession, now: Date): Promise<JudgedSource[]> {
  const sources = await listSourceSystems(session);
  const schedules = (await listSchedules(session)).filter((schedule) => schedule.enabled);
  const points = new Map((await listProtectionPoints(session)).map((row) => [row.source_system, row]));
  const ended = new Map((await listNewestEndedJobs(session)).map((row) => [row.source_system, row]));
  const running = new Map((await listRunningJobs(session)).map((row) => [row.source_system, row]));
  return sources.map(({ source_system }) => {
    const own = schedules.filter((schedule) => schedule.source_system === source_system);
    const newest = points.get(source_system);
    const { verdict, reason, overdue_since } = judgeProtection(
      {
        schedules: own.map((schedule) => ({ ...schedule, since: stoodSince(schedule) })),
        covered_until: newest === undefined ? null : (newest.started_at ?? newest.created_at),
        last_failure: failureOf(ended.get(source_system)),
        running_since: running.get(source_system)?.started_at ?? null,
      },
      now,
    );
    const view: ProtectionView = {
      source_system,
      verdict,
      reason,
      newest_point: newest === undefined ? null : toBackupId(newest.job_id),
      newest_point_at: newest?.created_at ?? null,
      points: newest?.points ?? 0,
      next_due_at: earliestDue(own, now)?.toISOString() ?? null,
      last_proven_at: newest?.last_proven_at ?? null,
    };
    return { view, overdue_since };
  });
}

/** Since when the schedule is as it is. That a job was made for a due time does not mean that it ran. */
function stoodSince({ created_at, updated_at }: ScheduleRow): string {
  return dueSince({ created_at, updated_at, last_due_at: null });
}

function failureOf(job: JobRow | undefined): { readonly code: string; readonly failed_at: string } | null {
  if (job?.status !== 'failed') return null;
  return { code: job.error?.code ?? 'INTERNAL', failed_at: job.completed_at ?? job.created_at };
}

function earliestDue(schedules: readonly ScheduleRow[], now: Date): Date | null {
  const times = schedules.map((schedule) => nextDueTimeOf(schedule, now)).filter((time) => time !== null);
  return times.reduce<Date | null>((earliest, time) => (earliest === null || time < earliest ? time : earliest), null);
}
