import { libc } from '../posix/libc.ts';
import { startThreadAhead } from '../worker/threads-ahead.ts';
import { workerEntry } from '../worker/worker-entry.ts';

/** Starts and loads what most backups need and no backup has to be known for, to be called while a key is derived. */
export function prepareBackup(): void {
  startThreadAhead(workerEntry(import.meta.url, './file-worker.ts'));
  libc();
}
