import * as z from 'zod';
import { backupType, count, jobStatus, retentionDays, systemName, taskKind, timestamp } from './catalog.ts';
import { errorReport } from './error-report.ts';
import { backupId, scheduleId, snapshotId, taskId } from './ids.ts';
import { progressView, taskProgress } from './progress.ts';
import { sourceSettings, sourceSystem, targetSettings, targetSystem } from './systems.ts';
import { backupResult, claimedTask, lease, taskResult } from './tasks.ts';

const limit = z.int().min(1).max(1000).default(50);

/** A job as a person sees it. */
export const jobView = z.object({
  backup_id: backupId,
  job_name: systemName,
  source_system: systemName,
  backup_type: backupType,
  status: jobStatus,
  schedule_id: scheduleId.nullable(),
  created_at: timestamp,
  started_at: timestamp.nullable(),
  completed_at: timestamp.nullable(),
  /** How often an agent took the job up. More than 1 means that an agent was lost or failed in between. */
  attempts: count,
  progress: progressView.nullable(),
  error: errorReport.nullable(),
});
export type JobView = z.infer<typeof jobView>;

/** A recovery point: a completed job's snapshot with its evidence. */
export const pointView = z.object({
  backup_id: backupId,
  snapshot_id: snapshotId,
  job_name: systemName,
  source_system: systemName,
  backup_type: backupType,
  created_at: timestamp,
  retention_days: retentionDays,
  expires_at: timestamp,
  /** Why the point may not be removed, or null. */
  hold_reason: z.string().nullable(),
  evidence: backupResult,
  /** When a recovery of this point was last completed and verified, or null: never proven. */
  last_proven_at: timestamp.nullable(),
});
export type PointView = z.infer<typeof pointView>;

/** A schedule as a person sees it. */
export const scheduleView = z.object({
  schedule_id: scheduleId,
  job_name: systemName,
  source_system: systemName,
  backup_type: backupType,
  cron_expression: z.string(),
  time_zone: z.string(),
  retention_days: retentionDays,
  enabled: z.boolean(),
  created_at: timestamp,
  /** The newest due time that has a job, or that a waiting one stands for. */
  last_due_at: timestamp.nullable(),
  /** The next due time, null while disabled. */
  next_due_at: timestamp.nullable(),
});
export type ScheduleView = z.infer<typeof scheduleView>;

const cronExpression = z.string().min(1).max(255);
const timeZone = z.string().min(1).max(64);

/** What becomes of one point under a retention plan, and why. */
export const retentionDecision = z.object({
  backup_id: backupId,
  snapshot_id: snapshotId,
  source_system: systemName,
  created_at: timestamp,
  keep: z.boolean(),
  reason: z.string(),
});
export type RetentionDecision = z.infer<typeof retentionDecision>;

/** A retention plan. Applying takes only a plan: what it names is removed, if it is still so. */
export const retentionPlan = z.object({
  planned_at: timestamp,
  source_system: systemName.nullable(),
  decisions: z.array(retentionDecision),
});
export type RetentionPlan = z.infer<typeof retentionPlan>;

/** How one source system is protected at this moment. */
export const protectionView = z.object({
  source_system: systemName,
  verdict: z.enum(['protected', 'overdue', 'failing', 'never']),
  /** Why the verdict is what it is, in one sentence. */
  reason: z.string(),
  newest_point: backupId.nullable(),
  newest_point_at: timestamp.nullable(),
  points: count,
  next_due_at: timestamp.nullable(),
  last_proven_at: timestamp.nullable(),
});
export type ProtectionView = z.infer<typeof protectionView>;

/** An agent as the orchestrator last heard of it. */
export const agentView = z.object({
  agent_id: z.string(),
  host_name: z.string(),
  version: z.string(),
  last_seen_at: timestamp,
  state: z.enum(['ready', 'busy', 'draining', 'lost']),
});

const agentId = z.string().min(1).max(255);
const generation = z.int().min(1);
const requestId = z.string().min(1).max(128).optional();
const held = { task_id: taskId, agent_id: agentId, generation };

/** Every action of the orchestrator function: what a request must hold and what the answer holds. */
export const orchestratorActions = {
  /** Brings the catalog's tables to this version. Safe to repeat and to run many times at once. */
  migrate: { request: z.object({}), response: z.object({ applied: z.array(z.string()), version: z.string() }) },
  /** Makes jobs of due schedules, returns tasks whose lease ended, and notices what did not run. */
  tick: {
    request: z.object({}),
    response: z.object({
      jobs_created: z.array(backupId),
      tasks_returned: z.array(taskId),
      tasks_failed: z.array(taskId),
      overdue: z.array(systemName),
    }),
  },
  status: {
    request: z.object({}),
    response: z.object({
      now: timestamp,
      sources: z.array(protectionView),
      agents: z.array(agentView),
      jobs: z.object({ pending: count, running: count, failed_last_day: count, completed_last_day: count }),
      tasks: z.object({ waiting: count, running: count }),
    }),
  },

  /** Creates a source system, or updates the settings of the one with this name. */
  register_source: {
    request: z.object({
      source_system: systemName,
      settings: sourceSettings,
      repository: z.object({ location: z.string().min(1).max(700), password_secret: z.string().min(1).max(2048) }),
    }),
    response: z.object({ source: sourceSystem }),
  },
  list_sources: { request: z.object({}), response: z.object({ sources: z.array(sourceSystem) }) },
  /** Creates a target system, or updates the settings of the one with this name. */
  register_target: {
    request: z.object({ target_system: systemName, settings: targetSettings }),
    response: z.object({ target: targetSystem }),
  },
  list_targets: { request: z.object({}), response: z.object({ targets: z.array(targetSystem) }) },

  create_schedule: {
    request: z.object({
      job_name: systemName,
      source_system: systemName,
      backup_type: backupType.default('incremental'),
      cron_expression: cronExpression,
      time_zone: timeZone.default('UTC'),
      retention_days: retentionDays.default(30),
      enabled: z.boolean().default(true),
    }),
    response: z.object({ schedule: scheduleView }),
  },
  update_schedule: {
    request: z.object({
      schedule_id: scheduleId,
      backup_type: backupType.optional(),
      cron_expression: cronExpression.optional(),
      time_zone: timeZone.optional(),
      retention_days: retentionDays.optional(),
      enabled: z.boolean().optional(),
    }),
    response: z.object({ schedule: scheduleView }),
  },
  /** Removes the schedule. Its jobs and points stay. */
  delete_schedule: { request: z.object({ schedule_id: scheduleId }), response: z.object({ schedule_id: scheduleId }) },
  list_schedules: { request: z.object({}), response: z.object({ schedules: z.array(scheduleView) }) },
  /** The next due times of a schedule that exists, or of an expression that a person tries out. */
  preview_schedule: {
    request: z.object({
      schedule_id: scheduleId.optional(),
      cron_expression: cronExpression.optional(),
      time_zone: timeZone.default('UTC'),
      count: z.int().min(1).max(100).default(5),
    }),
    response: z.object({ due_at: z.array(timestamp) }),
  },

  /** Starts a job now. The same request_id again answers the job that the first one made. */
  start_backup: {
    request: z.object({
      source_system: systemName,
      backup_type: backupType.default('incremental'),
      job_name: systemName.optional(),
      retention_days: retentionDays.default(30),
      request_id: requestId,
    }),
    response: z.object({ job: jobView }),
  },
  get_job: { request: z.object({ backup_id: backupId }), response: z.object({ job: jobView }) },
  list_jobs: {
    request: z.object({ source_system: systemName.optional(), status: jobStatus.optional(), limit }),
    response: z.object({ jobs: z.array(jobView) }),
  },
  list_points: {
    request: z.object({ source_system: systemName.optional(), limit }),
    response: z.object({ points: z.array(pointView) }),
  },
  /** Forbids retention to remove a point until the hold is released. */
  hold_point: {
    request: z.object({ backup_id: backupId, reason: z.string().min(1).max(255) }),
    response: z.object({ point: pointView }),
  },
  release_point: { request: z.object({ backup_id: backupId }), response: z.object({ point: pointView }) },
  plan_retention: {
    request: z.object({ source_system: systemName.optional() }),
    response: z.object({ plan: retentionPlan }),
  },
  /** Removes the points that the plan names. PLAN_STALE when one of them may no longer be removed. */
  apply_retention: {
    request: z.object({ plan: retentionPlan }),
    response: z.object({ removed: z.array(backupId), task_ids: z.array(taskId) }),
  },

  /**
   * Gives the agent the oldest waiting task under a fresh lease, recoveries and verifications first, or null when nothing
   * waits. A draining agent gets none.
   */
  claim_task: {
    request: z.object({
      agent_id: agentId,
      host_name: z.string().min(1).max(255),
      version: z.string().min(1).max(64),
      kinds: z.array(taskKind).min(1),
      lease_seconds: z.int().min(5).max(3600).default(60),
      state: z.enum(['ready', 'draining']).default('ready'),
    }),
    response: z.object({ task: claimedTask.nullable() }),
  },
  /** Reports progress and renews the lease in one call. LEASE_LOST when the generation is not the current one. */
  report_progress: {
    request: z.object({ ...held, progress: taskProgress, lease_seconds: z.int().min(5).max(3600).default(60) }),
    response: z.object({ lease, cancel_requested: z.boolean() }),
  },
  /** Ends a task with its result. Repeating it with the same lease answers the same. LEASE_LOST for a stale generation. */
  complete_task: {
    request: z.object({ ...held, result: taskResult }),
    response: z.object({ task_id: taskId }),
  },
  /** Ends an attempt with an error: a retryable one returns the task, up to the task's number of attempts. */
  fail_task: {
    request: z.object({ ...held, error: errorReport }),
    response: z.object({ task_id: taskId, will_retry: z.boolean() }),
  },
  /** Gives a task back unfinished, as a draining agent does. It does not count as a failed attempt. */
  release_task: { request: z.object({ ...held }), response: z.object({ task_id: taskId }) },
} as const;

/** Name of an action of the orchestrator. */
export type OrchestratorAction = keyof typeof orchestratorActions;
