import { createFunctionHandler } from '@enterprise-backup/contracts/function-handler';
import type { FunctionHandler } from '@enterprise-backup/contracts/invocation';
import { orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import { applyRetention } from './actions/apply-retention.ts';
import { claimTask } from './actions/claim-task.ts';
import { completeTask } from './actions/complete-task.ts';
import { createSchedule } from './actions/create-schedule.ts';
import { deleteSchedule } from './actions/delete-schedule.ts';
import { failTask } from './actions/fail-task.ts';
import { getJob } from './actions/get-job.ts';
import { holdPoint } from './actions/hold-point.ts';
import { listJobs } from './actions/list-jobs.ts';
import { listPoints } from './actions/list-points.ts';
import { listSchedules } from './actions/list-schedules.ts';
import { listSources } from './actions/list-sources.ts';
import { listTargets } from './actions/list-targets.ts';
import { migrate } from './actions/migrate.ts';
import { planRetention } from './actions/plan-retention.ts';
import { previewSchedule } from './actions/preview-schedule.ts';
import { registerSource } from './actions/register-source.ts';
import { registerTarget } from './actions/register-target.ts';
import { releasePoint } from './actions/release-point.ts';
import { releaseTask } from './actions/release-task.ts';
import { reportProgress } from './actions/report-progress.ts';
import { startBackup } from './actions/start-backup.ts';
import { status } from './actions/status.ts';
import { tick } from './actions/tick.ts';
import { updateSchedule } from './actions/update-schedule.ts';
import { isScheduledEvent } from './scheduled-event.ts';
import type { OrchestratorServices } from './services.ts';

/**
 * The orchestrator function, as Lambda and the local platform call it: `{action, …}` as in the contracts, or a scheduled
 * event of EventBridge, which is a tick. Rejects with PlatformErrors only.
 */
export function createOrchestrator(services: OrchestratorServices): FunctionHandler {
  const { clock, log, metrics } = services;
  const handle = createFunctionHandler({
    table: orchestratorActions,
    routineActions: ['claim_task', 'report_progress', 'tick'],
    clock,
    log,
    metrics,
    handlers: {
      migrate: () => migrate(services),
      tick: () => tick(services),
      status: () => status(services),
      register_source: (request) => registerSource(services, request),
      list_sources: () => listSources(services),
      register_target: (request) => registerTarget(services, request),
      list_targets: () => listTargets(services),
      create_schedule: (request) => createSchedule(services, request),
      update_schedule: (request) => updateSchedule(services, request),
      delete_schedule: (request) => deleteSchedule(services, request),
      list_schedules: () => listSchedules(services),
      preview_schedule: (request) => previewSchedule(services, request),
      start_backup: (request, context) => startBackup(services, request, context),
      get_job: (request) => getJob(services, request),
      list_jobs: (request) => listJobs(services, request),
      list_points: (request) => listPoints(services, request),
      hold_point: (request) => holdPoint(services, request),
      release_point: (request) => releasePoint(services, request),
      plan_retention: (request) => planRetention(services, request),
      apply_retention: (request) => applyRetention(services, request),
      claim_task: (request) => claimTask(services, request),
      report_progress: (request) => reportProgress(services, request),
      complete_task: (request) => completeTask(services, request),
      fail_task: (request) => failTask(services, request),
      release_task: (request) => releaseTask(services, request),
    },
  });
  return (event, context) => handle(isScheduledEvent(event) ? { action: 'tick' } : event, context);
}
