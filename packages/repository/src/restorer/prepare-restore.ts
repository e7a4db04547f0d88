import './restore.ts';
import { readIndexAhead } from '../index/index-ahead.ts';
import { libc } from '../posix/libc.ts';
import type { Storage } from '../storage/storage.ts';
import { startThreadAhead } from '../worker/threads-ahead.ts';
import { workerEntry } from '../worker/worker-entry.ts';

/**
 * Begins with what each restore from a storage needs, for `openRepository` to call while it derives the key. The engine is loaded
 * with this module.
 */
export function prepareRestore(storage: Storage): void {
  readIndexAhead(storage);
  startThreadAhead(workerEntry(import.meta.url, './restore-worker.ts'));
  libc();
}
