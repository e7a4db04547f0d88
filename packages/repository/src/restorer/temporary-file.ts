import { closeSync, constants, fstatSync, openSync, unlinkSync } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { hasPosixCode } from '../posix/posix-error.ts';
import { displayPath } from '../display-path.ts';
import type { FileIdentity } from './target-file-states.ts';

const openFlags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const privateMode = 0o600;
/** Somebody who plants a file anew each time is not waited for. */
const attempts = 3;

/** An open file and which one it is. */
export interface OpenFile extends FileIdentity {
  readonly descriptor: number;
  readonly size: number;
}

/**
 * Makes a file that only this user may open, and returns its descriptor. Whatever stands in its place is removed: the name
 * is one under which only restores write. Throws a system error, or TARGET_IS_LINK when something is put there again and
 * again.
 */
export function createTemporary(path: Buffer): number {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return openSync(path, openFlags | constants.O_CREAT | constants.O_EXCL, privateMode);
    } catch (error) {
      if (!hasPosixCode(error, 'EEXIST')) throw error;
      if (attempt === attempts) throw planted(path);
      unlinkSync(path);
    }
  }
}

/**
 * Opens what an earlier attempt left half written. Returns null, with the path free, for anything that this user did not
 * make and keep to itself: nobody else may be able to write to it, now or later. Throws a system error.
 */
export function adoptTemporary(path: Buffer): OpenFile | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, openFlags);
  } catch (error) {
    if (hasPosixCode(error, 'ENOENT')) return null;
    unlinkSync(path);
    return null;
  }
  const stat = fstatSync(descriptor);
  const ownPermissions = (stat.mode & 0o7777) === privateMode && stat.uid === process.geteuid?.();
  // Another name of the file would lead to it after the rename, too.
  if (stat.isFile() && ownPermissions && stat.nlink === 1) return describeOpen(descriptor);
  closeSync(descriptor);
  unlinkSync(path);
  return null;
}

/** Opens for writing the file that another thread has opened. Throws TARGET_IS_LINK when something has taken its place. */
export function openKnown(path: Buffer, { inode, owner }: FileIdentity): OpenFile {
  const opened = describeOpen(openSync(path, openFlags));
  const isSame = opened.inode === inode && opened.owner === owner;
  if (isSame && fstatSync(opened.descriptor).nlink === 1) return opened;
  closeSync(opened.descriptor);
  throw planted(path);
}

/** An open file with what tells which one it is. */
export function describeOpen(descriptor: number): OpenFile {
  const stat = fstatSync(descriptor, { bigint: true });
  return { descriptor, inode: stat.ino, owner: Number(stat.uid), size: Number(stat.size) };
}

function planted(path: Buffer): PlatformError {
  return new PlatformError(
    'TARGET_IS_LINK',
    `${displayPath(path)} was planted in the target in the place of a file that is being written`,
  );
}
