import { createFunctionHandler } from '@enterprise-backup/contracts/function-handler';
import type { FunctionHandler } from '@enterprise-backup/contracts/invocation';
import { recoveryActions } from '@enterprise-backup/contracts/recovery';
import { cancel } from './actions/cancel.ts';
import { list } from './actions/list.ts';
import { progress } from './actions/progress.ts';
import { start } from './actions/start.ts';
import { verify } from './actions/verify.ts';
import type { RecoveryServices } from './services.ts';

/**
 * The recovery function, as Lambda and the local platform call it: `{action, …}` as in the contracts; an event without an
 * action, such as `{"backup_id": "backup-123", "target_system": "prod-db-01"}`, starts a recovery. Rejects with
 * PlatformErrors only.
 */
export function createRecovery(services: RecoveryServices): FunctionHandler {
  const { clock, log, metrics } = services;
  return createFunctionHandler({
    table: recoveryActions,
    defaultAction: 'start',
    routineActions: ['progress'],
    clock,
    log,
    metrics,
    handlers: {
      start: (request, context) => start(services, request, context, { dryRun: false }),
      plan: (request, context) => start(services, request, context, { dryRun: true }),
      progress: (request) => progress(services, request),
      list: (request) => list(services, request),
      verify: (request) => verify(services, request),
      cancel: (request) => cancel(services, request),
    },
  });
}
