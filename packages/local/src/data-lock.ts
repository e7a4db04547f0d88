import { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { DataFolder } from './data-folder.ts';
import { readEndpointFile } from './endpoint-file.ts';

/** The right to use a data folder alone. */
export interface DataLock {
  release(): void;
}

const busy = 5;

/**
 * Takes the data folder for this process. The lock is one of the kernel (taken through SQLite, since Node itself has no
 * call for it): it ends with the process, however the process ends, so there is never a stale one to judge.
 *
 * @throws PlatformError DATA_IN_USE when another platform has it.
 */
export function lockDataFolder(folder: DataFolder): DataLock {
  const file = new DatabaseSync(folder.lock, { timeout: 0 });
  try {
    // Nothing is ever written, so no journal file is wanted.
    file.exec('PRAGMA journal_mode = OFF');
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if (!(error instanceof Error) || !('errcode' in error) || error.errcode !== busy) throw error;
    const holder = readEndpointFile(folder);
    const where = holder === null ? '' : ` (process ${holder.pid}, ${holder.endpoint_url})`;
    throw new PlatformError('DATA_IN_USE', `another platform uses the data folder ${folder.path}${where}`, {
      cause: error,
    });
  }
  return {
    release: () => {
      if (file.isOpen) file.close();
    },
  };
}
