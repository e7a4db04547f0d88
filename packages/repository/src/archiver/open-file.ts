import { constants, openSync } from 'node:fs';
import { hasPosixCode } from '../posix/posix-error.ts';
import type { UnreadFile } from './file-messages.ts';

// O_NONBLOCK: a fifo that took the file's place must not hold up the open. O_NOFOLLOW: nor may a link be followed.
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens a file for reading without touching the access time, where the owner or root asks for it. Throws what Node throws. */
export function openForReading(path: Buffer): number {
  try {
    return openSync(path, openFlags | constants.O_NOATIME);
  } catch (error) {
    if (!hasPosixCode(error, 'EPERM')) throw error;
    return openSync(path, openFlags);
  }
}

/** What became of a file that could not be opened or read. */
export function unread(error: unknown): UnreadFile {
  if (hasPosixCode(error, 'ENOENT')) return { kind: 'unread', code: 'FILE_VANISHED', message: 'it vanished' };
  if (hasPosixCode(error, 'ELOOP')) {
    return { kind: 'unread', code: 'FILE_CHANGED', message: 'a link took its place' };
  }
  return { kind: 'unread', code: 'FILE_UNREADABLE', message: reasonOf(error) };
}

/** What became of a file in whose place something else lies. */
export const replacedFile: UnreadFile = {
  kind: 'unread',
  code: 'FILE_CHANGED',
  message: 'it is no longer a regular file',
};

/** The reason of a system error for a person: `permission denied (EACCES)`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, reason = error.message] = /^[A-Z0-9]+: ([^,]+),/.exec(error.message) ?? [];
  return 'code' in error && typeof error.code === 'string' ? `${reason} (${error.code})` : reason;
}
