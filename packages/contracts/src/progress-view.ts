import type { TaskStatus } from './catalog.ts';
import type { ProgressView, TaskProgress } from './progress.ts';

/** What is known of a task's progress. */
export interface ProgressFacts {
  readonly status: TaskStatus;
  /** The newest report of the present attempt, or null before the first. */
  readonly progress: TaskProgress | null;
  /** Start of the present attempt, or null when none runs. */
  readonly since: Date | null;
}

const waiting: TaskProgress = { phase: 'waiting', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null };

/** The highest percentage of work that has not ended: 100 means completed and nothing else. */
const highestUnfinishedPercent = 99.9;

/**
 * Progress as a person sees it: percent with one decimal, rounded down; the mean rate of the present attempt in bytes per
 * second; the remaining seconds at that rate, rounded up. What cannot be known is null. `until` is the present time, or
 * the end of work that has ended.
 */
export function viewProgress(facts: ProgressFacts, until: Date): ProgressView {
  const progress = facts.progress ?? waiting;
  const percent = facts.status === 'completed' ? 100 : unfinishedPercent(progress);
  const hasRate = facts.status === 'running' || facts.status === 'completed';
  const rate = hasRate && facts.since !== null ? meanRate(progress, facts.since, until) : null;
  return { ...progress, percent, bytes_per_second: rate, eta_seconds: remainingSeconds(progress, rate) };
}

function unfinishedPercent(progress: TaskProgress): number | null {
  const share =
    shareDone(progress.bytes_done, progress.bytes_total) ?? shareDone(progress.files_done, progress.files_total);
  return share === null ? null : Math.min(highestUnfinishedPercent, Math.floor(share * 1000) / 10);
}

/** Null when the total is unknown or nothing: a folder of empty files has no bytes, and its files are counted instead. */
function shareDone(done: number, total: number | null): number | null {
  return total === null || total === 0 ? null : done / total;
}

function meanRate(progress: TaskProgress, since: Date, until: Date): number | null {
  const seconds = (until.getTime() - since.getTime()) / 1000;
  return seconds > 0 ? Math.round(progress.bytes_done / seconds) : null;
}

function remainingSeconds(progress: TaskProgress, rate: number | null): number | null {
  if (progress.bytes_total === null || rate === null || rate === 0) return null;
  return Math.ceil(Math.max(0, progress.bytes_total - progress.bytes_done) / rate);
}
