import { constants } from 'node:os';
import { pathOf, type FileReference } from './file-reference.ts';
import type { NativeLibrary } from '../native-library.ts';
import { cPath, libc } from './libc.ts';
import { PosixError } from './posix-error.ts';

/** fcntl.h of Linux and of macOS. */
const { AT_FDCWD, AT_SYMLINK_NOFOLLOW } =
  process.platform === 'darwin'
    ? { AT_FDCWD: -2, AT_SYMLINK_NOFOLLOW: 0x20 }
    : { AT_FDCWD: -100, AT_SYMLINK_NOFOLLOW: 0x100 };

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** Two `struct timespec` of a 64-bit platform, access time first. */
const times = Buffer.alloc(32);

/**
 * Sets both times of the file, folder or link itself, to the nanosecond: Node's own `lutimes` goes through a floating
 * point number of seconds and loses the last digits. Times are nanoseconds since 1970, negative before it. A file system
 * that cannot keep a time stores the nearest one it can (ext4: 1901 to 2446), without an error.
 *
 * Throws PosixError: ENOENT, EPERM (not the owner), EROFS; ENOSYS where the C library cannot be called.
 */
export function setFileTimes(file: FileReference, atimeNs: bigint, mtimeNs: bigint): void {
  const library = libc();
  if (library === null) throw new PosixError('utimensat', constants.errno.ENOSYS, pathOf(file));
  writeTimespec(0, atimeNs);
  writeTimespec(16, mtimeNs);
  if (setTimes(library, file) < 0) throw new PosixError('utimensat', library.errno(), pathOf(file));
}

function setTimes(library: NativeLibrary, file: FileReference): number {
  if (typeof file === 'number') {
    const futimens = library.find('futimens', 'int', ['int', 'void *']);
    if (futimens !== null) return futimens(file, times);
  } else {
    const utimensat = library.find('utimensat', 'int', ['int', 'void *', 'void *', 'int']);
    if (utimensat !== null) return utimensat(AT_FDCWD, cPath('utimensat', file), times, AT_SYMLINK_NOFOLLOW);
  }
  throw new PosixError('utimensat', constants.errno.ENOSYS, pathOf(file));
}

/** The nanoseconds of a timespec are 0 to 999,999,999 also before 1970, so the seconds are rounded down. */
function writeTimespec(offset: number, ns: bigint): void {
  const remainder = ((ns % NANOSECONDS_PER_SECOND) + NANOSECONDS_PER_SECOND) % NANOSECONDS_PER_SECOND;
  times.writeBigInt64LE((ns - remainder) / NANOSECONDS_PER_SECOND, offset);
  times.writeBigInt64LE(remainder, offset + 8);
}
