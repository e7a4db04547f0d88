import './backup.ts';
import { readIndexAhead } from '../index/index-ahead.ts';
import { libc } from '../posix/libc.ts';
import type { Storage } from '../storage/storage.ts';
import { startThreadAhead } from '../worker/threads-ahead.ts';
import { workerEntry } from '../worker/worker-entry.ts';

/**
 * Begins with what most backups to a storage need, for `openRepository` to call while it derives the key. The engine is loaded
 * with this module.
 */
export function prepareBackup(storage: Storage): void {
  readIndexAhead(storage);
  // One: two take so much of a processor of two cores that the key is derived later.
  startThreadAhead(workerEntry(import.meta.url, './file-worker.ts'));
  libc();
}
