import * as z from 'zod';
import { count, systemName, taskStatus, timestamp } from './catalog.ts';
import { errorReport } from './error-report.ts';
import { backupId, recoveryId } from './ids.ts';
import { progressView } from './progress.ts';
import { recoveryResult, verifyResult } from './tasks.ts';

/** A recovery as a person sees it. */
export const recoveryView = z.object({
  recovery_id: recoveryId,
  backup_id: backupId,
  source_system: systemName,
  target_system: systemName,
  include: z.array(z.string()),
  dry_run: z.boolean(),
  status: taskStatus,
  created_at: timestamp,
  started_at: timestamp.nullable(),
  completed_at: timestamp.nullable(),
  attempts: count,
  /** From the size of the point and the rate of earlier recoveries; null before the first one. */
  expected_seconds: count.nullable(),
  progress: progressView,
  result: recoveryResult.nullable(),
  /** Outcome of the newest verification that was asked for after the recovery. */
  verification: verifyResult.nullable(),
  /** How far the newest verification is, or null when none was asked for. */
  verification_status: taskStatus.nullable(),
  /** Why the newest verification could not be carried out, or null. A mismatch is no such error: see `verification`. */
  verification_error: errorReport.nullable(),
  error: errorReport.nullable(),
});
export type RecoveryView = z.infer<typeof recoveryView>;

const recoveryRequest = z.object({
  backup_id: backupId,
  target_system: systemName,
  /** Patterns, as in .gitignore, relative to the protected folder, of what is recovered; empty means everything. */
  include: z.array(z.string().min(1).max(4096)).max(1000).default([]),
  request_id: z.string().min(1).max(128).optional(),
});

/** Every action of the recovery function. A request without `action` is `start`. */
export const recoveryActions = {
  /** Starts a recovery. The same request_id again answers the recovery that the first one started. */
  start: { request: recoveryRequest, response: z.object({ recovery: recoveryView }) },
  /** Finds out what a recovery would write, in the background as a recovery with dry_run; writes nothing. */
  plan: { request: recoveryRequest, response: z.object({ recovery: recoveryView }) },
  progress: { request: z.object({ recovery_id: recoveryId }), response: z.object({ recovery: recoveryView }) },
  list: {
    request: z.object({ status: taskStatus.optional(), limit: z.int().min(1).max(1000).default(50) }),
    response: z.object({ recoveries: z.array(recoveryView) }),
  },
  /** Compares what a completed recovery wrote with its point, in the background; see `verification`. */
  verify: { request: z.object({ recovery_id: recoveryId }), response: z.object({ recovery: recoveryView }) },
  /** Stops a recovery that has not ended. Files that are already in the target stay. */
  cancel: { request: z.object({ recovery_id: recoveryId }), response: z.object({ recovery: recoveryView }) },
} as const;

/** Name of an action of the recovery function. */
export type RecoveryAction = keyof typeof recoveryActions;
