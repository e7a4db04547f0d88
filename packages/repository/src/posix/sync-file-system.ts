import { constants } from 'node:os';
import { libc } from './libc.ts';
import { PosixError } from './posix-error.ts';

/**
 * Writes everything that the file system of an open file holds in memory to the disk, and waits for it: what is returned
 * from here survives a power cut. `shown` is the path for the error.
 *
 * Throws PosixError: EIO, ENOSPC or EDQUOT when something that was written before cannot be kept (Linux 5.8 and later tell
 * it here); ENOSYS where the C library has no such call.
 */
export function syncFileSystem(descriptor: number, shown: Buffer): void {
  const library = libc();
  const syncfs = library?.find('syncfs', 'int', ['int']) ?? null;
  if (library === null || syncfs === null) throw new PosixError('syncfs', constants.errno.ENOSYS, shown);
  if (syncfs(descriptor) < 0) throw new PosixError('syncfs', library.errno(), shown);
}
