import './check.ts';
import { startThreadAhead } from '../worker/threads-ahead.ts';
import { workerEntry } from '../worker/worker-entry.ts';

/**
 * Begins with what each check that reads data needs, for `openRepository` to call while it derives the key. The engine is loaded
 * with this module.
 */
export function prepareCheck(): void {
  startThreadAhead(workerEntry(import.meta.url, './check-worker.ts'));
}
