import { availableParallelism } from 'node:os';
import './backup.ts';
import { readIndexAhead } from '../index/index-ahead.ts';
import { libc } from '../posix/libc.ts';
import type { Storage } from '../storage/storage.ts';
import { startThreadAhead } from '../worker/threads-ahead.ts';
import { workerEntry } from '../worker/worker-entry.ts';

/** Threads that are started while the key is derived. More of them would not be loaded by then. */
const threadsAhead = Math.min(2, availableParallelism());

/**
 * Begins with what most backups to a storage need, for `openRepository` to call while it derives the key. The engine is loaded
 * with this module.
 */
export function prepareBackup(storage: Storage): void {
  readIndexAhead(storage);
  for (let thread = 0; thread < threadsAhead; thread += 1) {
    startThreadAhead(workerEntry(import.meta.url, './file-worker.ts'));
  }
  libc();
}
