import { PlatformError } from '@enterprise-backup/contracts/errors';
import { rowOf, type BackupId } from '@enterprise-backup/contracts/ids';
import type { PointView } from '@enterprise-backup/contracts/orchestrator';
import type { Catalog } from '@enterprise-backup/schema/catalog';
import { holdPoint } from '@enterprise-backup/schema/statements/hold-point';
import { listPoints } from '@enterprise-backup/schema/statements/list-points';
import { transaction } from '@enterprise-backup/schema/transaction';
import { viewPoint } from './views/point-view.ts';

/**
 * Holds a point for a reason, or releases it with null. Throws BACKUP_NOT_FOUND when there is no such point or retention
 * has removed it: a hold comes too late then, and must not look as if it held.
 */
export function setHold(catalog: Catalog, backupId: BackupId, reason: string | null): Promise<PointView> {
  return transaction(catalog, async (session) => {
    const held = await holdPoint(session, rowOf(backupId), reason);
    const [point] = await listPoints(session, { job_id: rowOf(backupId), limit: 1 });
    if (!held || point === undefined) {
      throw new PlatformError('BACKUP_NOT_FOUND', `there is no recovery point ${backupId}`);
    }
    return viewPoint(point);
  });
}
