import type { RecoveryView } from '@enterprise-backup/contracts/recovery';
import { readRecoveries } from '../read-recoveries.ts';
import type { RecoveryServices, RequestFor } from '../services.ts';

/** The newest recoveries, of one status if asked for. */
export async function list(
  { catalog, clock }: RecoveryServices,
  { status, limit }: RequestFor<'list'>,
): Promise<{ recoveries: RecoveryView[] }> {
  const wanted = { limit, ...(status === undefined ? {} : { status }) };
  return { recoveries: await readRecoveries(catalog, wanted, clock.now()) };
}
