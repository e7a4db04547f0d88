import { fstatSync } from 'node:fs';
import type { Pauses } from '../pauses.ts';
import { runInBatches, type RestorePool } from './compare-files.ts';
import type { PlannedPlace, RestorePlan } from './restore-plan.ts';
import type { TargetFolders } from './target-folders.ts';

/**
 * Waits until all that a restore wrote is on the disk, so that "restored" survives a power cut. Each file system that holds
 * folders of the plan is written out as a whole, which costs less than file by file; where the C library cannot do that,
 * file by file. Throws TARGET_NOT_WRITABLE or DISK_FULL when the disk could not keep something.
 */
export async function syncTarget(
  pool: RestorePool,
  plan: RestorePlan,
  folders: TargetFolders,
  pauses: Pauses,
): Promise<void> {
  const devices = new Map<number, Buffer>();
  for (const { path } of plan.folders) {
    await pauses.pauseIfDue();
    const { dev } = fstatSync(folders.descriptor(path));
    if (!devices.has(dev)) devices.set(dev, path);
  }
  // In a thread: it may take minutes, in which the lock and the lease must be renewed.
  const { synced } = await pool.run({ kind: 'sync', folders: [...devices.values()] });
  if (synced) return;
  const here = Buffer.from('.');
  const places: PlannedPlace[] = [...plan.files, ...plan.folders.map(({ path }) => ({ folder: path, name: here }))];
  await runInBatches(pool, places, pauses, (batch) => ({
    request: { kind: 'flush', places: batch.map(({ folder, name }) => ({ folder, name })) },
    take: () => undefined,
  }));
}
