import { rowOf, toRecoveryId } from '@enterprise-backup/contracts/ids';
import type { InvocationContext } from '@enterprise-backup/contracts/invocation';
import { violatedConstraint } from '@enterprise-backup/schema/constraint-violation';
import { transaction } from '@enterprise-backup/schema/transaction';
import { makeRecoveryOnce, type RecoveryRequest } from '../make-recovery.ts';
import { readRecovery } from '../read-recoveries.ts';
import type { RecoveryAnswer, RecoveryServices, RequestFor } from '../services.ts';

/**
 * Starts a recovery, or, as a plan, finds out what one would write.
 *
 * Repeatable: the same request_id answers the recovery that the first call started. Without a request_id the id of the
 * invocation stands for it, because Lambda repeats a failed Event invocation under the same id.
 * Throws BACKUP_NOT_FOUND, BACKUP_NOT_RESTORABLE, TARGET_UNKNOWN, TARGET_INSIDE_SOURCE, REQUEST_ID_REUSED.
 */
export async function start(
  { catalog, clock, log, metrics }: RecoveryServices,
  request: RequestFor<'start'>,
  context: InvocationContext,
  { dryRun }: { readonly dryRun: boolean },
): Promise<RecoveryAnswer> {
  const now = clock.now();
  const wanted: RecoveryRequest = {
    job_id: rowOf(request.backup_id),
    target_system: request.target_system,
    include_patterns: request.include,
    dry_run: dryRun,
    request_id: request.request_id ?? context.awsRequestId,
    created_at: now,
  };
  const make = (): ReturnType<typeof makeRecoveryOnce> =>
    transaction(catalog, (session) => makeRecoveryOnce(session, wanted));
  const made = await make().catch((error: unknown) => {
    // Another call with this request_id was committed in between: now it is found.
    if (violatedConstraint(error) === 'unique') return make();
    throw error;
  });
  if (made.isNew) {
    log.info('recovery requested', {
      recovery_id: toRecoveryId(made.id),
      backup_id: request.backup_id,
      dry_run: dryRun,
    });
    if (!dryRun) metrics.addMetric('RecoveriesStarted', 'Count', 1);
  }
  return { recovery: await readRecovery(catalog, made.id, now) };
}
