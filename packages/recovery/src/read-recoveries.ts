import type { TaskStatus } from '@enterprise-backup/contracts/catalog';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { toRecoveryId } from '@enterprise-backup/contracts/ids';
import type { RecoveryView } from '@enterprise-backup/contracts/recovery';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import { listNewestVerifications } from '@enterprise-backup/schema/statements/list-newest-verifications';
import { listRecoveries } from '@enterprise-backup/schema/statements/list-recoveries';
import { viewRecovery } from './recovery-view.ts';

/** Recoveries that fit the conditions as a person sees them at `now`, newest first. */
export async function readRecoveries(
  session: CatalogSession,
  wanted: { readonly id?: number; readonly status?: TaskStatus; readonly limit: number },
  now: Date,
): Promise<RecoveryView[]> {
  const rows = await listRecoveries(session, wanted);
  const verifications = await listNewestVerifications(
    session,
    rows.map((row) => row.id),
  );
  const byRecovery = new Map(verifications.map((row) => [row.recovery_id, row]));
  return rows.map((row) => viewRecovery(row, byRecovery.get(row.id), now));
}

/** The recovery with this number as a person sees it at `now`. Throws RECOVERY_NOT_FOUND. */
export async function readRecovery(session: CatalogSession, id: number, now: Date): Promise<RecoveryView> {
  const [recovery] = await readRecoveries(session, { id, limit: 1 }, now);
  if (recovery === undefined) throw recoveryNotFound(id);
  return recovery;
}

export function recoveryNotFound(id: number): PlatformError {
  return new PlatformError('RECOVERY_NOT_FOUND', `there is no ${toRecoveryId(id)}`);
}
