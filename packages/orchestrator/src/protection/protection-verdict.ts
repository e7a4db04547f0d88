import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { ProtectionView } from '@enterprise-backup/contracts/orchestrator';
import { lastDueTime, type Timetable } from '../due-times.ts';

/** Verdict of one source, why, and the due time that was missed when it is overdue. */
export interface ProtectionVerdict {
  readonly verdict: ProtectionView['verdict'];
  readonly reason: string;
  /** The due time, longer ago than the grace, that no point covers; null when there is none. */
  readonly overdue_since: Date | null;
}

/** An enabled schedule. What was due before `since`, when the schedule took its present form, is not owed. */
export interface ExpectedSchedule extends Timetable {
  readonly job_name: string;
  readonly since: string;
}

/** What is known of a source's protection. Times are RFC 3339 with milliseconds. */
export interface ProtectionFacts {
  readonly schedules: readonly ExpectedSchedule[];
  /** When the backup that made the newest point began, or null without a point: what was there then is safe. */
  readonly covered_until: string | null;
  /** The error of the newest finished job when that job failed, otherwise null. */
  readonly last_failure: { readonly code: string; readonly failed_at: string } | null;
  /** When the job that runs now was started, or null. */
  readonly running_since: string | null;
}

/** How long after a due time its point may still be missing: agents are busy, and a backup takes its time. */
export const overdueGraceSeconds = 3600;

/**
 * Judges one source from its timetable and its points alone. It does not look at the jobs that the tick made, so that it
 * also notices a tick that did not run.
 */
export function judgeProtection(facts: ProtectionFacts, now: Date): ProtectionVerdict {
  const owed = facts.schedules.map((schedule) => owedBackup(schedule, facts, now)).filter((found) => found !== null);
  const oldest = owed.toSorted((a, b) => a.due.getTime() - b.due.getTime())[0];
  const overdue_since = oldest?.due ?? null;
  if (facts.covered_until === null) {
    const why = facts.last_failure === null ? oldest?.reason : `the last job failed with ${facts.last_failure.code}`;
    const reason = why === undefined ? 'it has no recovery point yet' : `it has no recovery point, and ${why}`;
    return { verdict: 'never', reason, overdue_since };
  }
  if (facts.last_failure !== null) {
    const { code, failed_at } = facts.last_failure;
    return { verdict: 'failing', reason: `the last job failed with ${code} at ${failed_at}`, overdue_since };
  }
  if (oldest !== undefined) return { verdict: 'overdue', reason: oldest.reason, overdue_since };
  const next = facts.schedules.length === 0 ? ', but no enabled schedule makes the next one' : '';
  return { verdict: 'protected', reason: `its newest point covers ${facts.covered_until}${next}`, overdue_since };
}

interface OwedBackup {
  readonly due: Date;
  readonly reason: string;
}

/** The schedule's newest due time before the grace, when neither a point nor the running job covers it. */
function owedBackup(schedule: ExpectedSchedule, facts: ProtectionFacts, now: Date): OwedBackup | null {
  const covered = facts.running_since ?? facts.covered_until;
  try {
    const due = lastDueTime(schedule, new Date(now.getTime() - overdueGraceSeconds * 1000));
    if (due === null || due < new Date(schedule.since)) return null;
    if (covered !== null && due <= new Date(covered)) return null;
    return { due, reason: `the backup of ${schedule.job_name} due at ${due.toISOString()} is missing` };
  } catch (error) {
    // A schedule that was written past the platform never falls due: that is the case that must not stay unseen.
    if (!(error instanceof PlatformError) || error.code !== 'CRON_INVALID') throw error;
    return { due: new Date(schedule.since), reason: `the schedule ${schedule.job_name} never runs: ${error.message}` };
  }
}
