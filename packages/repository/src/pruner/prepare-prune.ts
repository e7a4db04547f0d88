import './apply-prune.ts';
import './plan-prune.ts';
import { startThreadAhead } from '../worker/threads-ahead.ts';
import { workerEntry } from '../worker/worker-entry.ts';

/**
 * Begins with what most prunes need, for `openRepository` to call while it derives the key. The engine is loaded with this
 * module.
 */
export function preparePrune(): void {
  startThreadAhead(workerEntry(import.meta.url, './repack-worker.ts'));
}
