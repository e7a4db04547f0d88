import { availableParallelism } from 'node:os';
import type { ProgressReporter } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { workerEntry } from '../worker/worker-entry.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import type { RestorePool } from './compare-files.ts';
import type { RestoreWorkerData } from './restore-messages.ts';

/**
 * Threads that work on a target, which start when there is work for them. `operation` distinguishes the temporary files of
 * a restore.
 */
export function startRestorePool(
  repository: Repository,
  target: string,
  operation: string,
  progress: ProgressReporter,
): RestorePool {
  const data: RestoreWorkerData = {
    storage: repository.storage.description,
    key: repository.key,
    target,
    operation,
  };
  const entry = workerEntry(import.meta.url, './restore-worker.ts');
  return new WorkerPool(entry, data, availableParallelism(), ({ bytes, files }) => {
    progress.add(bytes, files);
  });
}
