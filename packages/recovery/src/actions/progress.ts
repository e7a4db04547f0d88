import { rowOf } from '@enterprise-backup/contracts/ids';
import { readRecovery } from '../read-recoveries.ts';
import type { RecoveryAnswer, RecoveryServices, RequestFor } from '../services.ts';

/** How far a recovery is. Throws RECOVERY_NOT_FOUND. */
export async function progress(
  { catalog, clock }: RecoveryServices,
  { recovery_id }: RequestFor<'progress'>,
): Promise<RecoveryAnswer> {
  return { recovery: await readRecovery(catalog, rowOf(recovery_id), clock.now()) };
}
