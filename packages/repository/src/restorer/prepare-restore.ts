import { libc } from '../posix/libc.ts';
import { startThreadAhead } from '../worker/threads-ahead.ts';
import { workerEntry } from '../worker/worker-entry.ts';

/** Starts and loads what each restore needs and no restore has to be known for, to be called while a key is derived. */
export function prepareRestore(): void {
  startThreadAhead(workerEntry(import.meta.url, './restore-worker.ts'));
  libc();
}
