import type { PointView } from '@enterprise-backup/contracts/orchestrator';
import type { PlatformClient } from './platform-client.ts';

/** The recovery point of a completed job, or null when it is not among the newest 1000 of its source. */
export async function findPoint(
  platform: PlatformClient,
  sourceSystem: string,
  backupId: string,
): Promise<PointView | null> {
  const { points } = await platform.orchestrator('list_points', { source_system: sourceSystem, limit: 1000 });
  return points.find((point) => point.backup_id === backupId) ?? null;
}
