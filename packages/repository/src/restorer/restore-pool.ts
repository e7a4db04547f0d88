import { availableParallelism } from 'node:os';
import type { ProgressReporter } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { workerEntry } from '../worker/worker-entry.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import type { RestorePool } from './compare-files.ts';
import type { RestoreWorkerData } from './restore-messages.ts';
import type { TargetFileStates } from './target-file-states.ts';

/** Starts the threads that work on a target. `operation` distinguishes the temporary files of a restore. */
export function startRestorePool(
  repository: Repository,
  target: string,
  operation: string,
  states: TargetFileStates,
  progress: ProgressReporter,
): RestorePool {
  const data: RestoreWorkerData = {
    storage: repository.storage.description,
    key: repository.key,
    target,
    operation,
    states: states.shared,
  };
  const entry = workerEntry(import.meta.url, './restore-worker.ts');
  return new WorkerPool(entry, data, availableParallelism(), ({ bytes, files }) => {
    progress.add(bytes, files);
  });
}
