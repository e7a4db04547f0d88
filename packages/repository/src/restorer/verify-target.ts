import { toPlatformError } from '@enterprise-backup/contracts/errors';
import type { VerifyResult } from '@enterprise-backup/contracts/tasks';
import { withLock } from '../locks.ts';
import { Pauses, throwIfAborted } from '../pauses.ts';
import { ProgressReporter } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { SkippedItems } from '../skipped-items.ts';
import { compareFiles } from './compare-files.ts';
import { openPlan, type RestoreOptions } from './open-plan.ts';
import { checkTarget, look } from './prepare-target.ts';
import { joinRelative, type PlannedFile } from './restore-plan.ts';
import { startRestorePool } from './restore-pool.ts';
import { TargetFolders } from './target-folders.ts';

/**
 * Compares what stands in a target with a folder of a snapshot, without writing: that each folder, link and device is
 * there, and each byte of each file. Throws what `restore` throws before it writes.
 */
export async function verifyTarget(
  repository: Repository,
  options: RestoreOptions,
): Promise<Omit<VerifyResult, 'kind'>> {
  const target = await checkTarget(options.target);
  return withLock(repository, 'shared', options.signal, async (signal) => {
    const { clock } = repository;
    const started = clock.now().getTime();
    const progress = new ProgressReporter(clock, options.onProgress);
    const pauses = new Pauses(signal);
    progress.enter('opening');
    const { plan, index } = await openPlan(repository, options, progress, pauses);
    const folders = new TargetFolders(Buffer.from(target.path));
    const pool = startRestorePool(repository, target.path, options.snapshot, progress);
    const stop = () => {
      void pool.terminate();
    };
    signal.addEventListener('abort', stop);
    try {
      progress.expect(plan.bytes, plan.files.length);
      progress.enter('verifying');
      const mismatches = new SkippedItems();
      const absent = (folder: Buffer, name: Buffer): boolean => {
        if (target.exists && look(folders.place(folder, name)) !== null) return false;
        mismatches.add(joinRelative(folder, name), 'MISSING', 'it is missing in the target');
        return true;
      };
      const missingFolders = new Set<string>();
      for (const { path } of plan.folders) {
        await pauses.pauseIfDue();
        const cut = path.lastIndexOf(0x2f);
        const parent = path.subarray(0, Math.max(cut, 0));
        const lost =
          missingFolders.has(parent.toString('latin1')) ||
          absent(parent, path.byteLength === 0 ? Buffer.from('.') : path.subarray(cut + 1));
        if (lost) missingFolders.add(path.toString('latin1'));
      }
      const reachable = (folder: Buffer) => !missingFolders.has(folder.toString('latin1'));
      for (const { folder, name } of [...plan.links, ...plan.specials]) {
        await pauses.pauseIfDue();
        if (reachable(folder)) absent(folder, name);
      }
      const files: PlannedFile[] = plan.files.filter(({ folder }) => reachable(folder));
      const differing = await compareFiles(pool, index, files, pauses);
      for (const { file, reason } of differing) {
        mismatches.add(joinRelative(file.folder, file.name), 'CONTENT_DIFFERS', reason);
      }
      progress.enter('done');
      const lost = plan.files.length - files.length + differing.length;
      return {
        files_verified: plan.files.length - lost,
        bytes_verified:
          files.reduce((sum, file) => sum + file.size, 0) - differing.reduce((sum, { file }) => sum + file.size, 0),
        mismatch_count: mismatches.count + (plan.files.length - files.length),
        mismatches: mismatches.kept,
        duration_seconds: (clock.now().getTime() - started) / 1000,
      };
    } catch (error) {
      throwIfAborted(signal);
      throw toPlatformError(error);
    } finally {
      signal.removeEventListener('abort', stop);
      await pool.terminate();
      folders.close();
    }
  });
}
