import { constants as fileConstants } from 'node:fs';
import { constants } from 'node:os';
import { cPath, libc } from './libc.ts';
import { PosixError } from './posix-error.ts';

/** A kind of device: `character` as /dev/null, `block` as /dev/loop0. */
export type DeviceKind = 'character' | 'block';

/** mode_t is 32 bits wide on Linux and 16 on macOS; the value fits both and is passed in a register. */
const MODE = 'uint32_t';

const PERMISSIONS = 0o7777;

/**
 * Makes a named pipe. Of `mode` the permission bits count, less the umask of the process.
 *
 * Throws PosixError: EEXIST, ENOENT, EACCES, EPERM where the file system has none; ENOSYS where the C library cannot be
 * called.
 */
export function makeFifo(path: Buffer, mode: number): void {
  const library = libc();
  const mkfifo = library?.find('mkfifo', 'int', ['void *', MODE]) ?? null;
  if (library === null || mkfifo === null) throw new PosixError('mkfifo', constants.errno.ENOSYS, path);
  if (mkfifo(cPath('mkfifo', path), mode & PERMISSIONS) < 0) throw new PosixError('mkfifo', library.errno(), path);
}

/**
 * Makes a device file. Of `mode` the permission bits count, less the umask; `rdev` is `st_rdev` as `lstat` gives it on
 * the same platform. Only root may: others get EPERM.
 *
 * Throws PosixError: EPERM, EEXIST, ENOENT, EINVAL for a number the kernel has no room for; ENOSYS where the C library
 * cannot be called.
 */
export function makeDevice(path: Buffer, kind: DeviceKind, mode: number, rdev: bigint): void {
  const library = libc();
  if (library === null) throw new PosixError('mknod', constants.errno.ENOSYS, path);
  const fullMode = (mode & PERMISSIONS) | (kind === 'block' ? fileConstants.S_IFBLK : fileConstants.S_IFCHR);
  const file = cPath('mknod', path);

  const mknod = library.find('mknod', 'int', ['void *', MODE, process.platform === 'darwin' ? 'int32_t' : 'uint64_t']);
  if (mknod !== null) {
    if (mknod(file, fullMode, rdev) < 0) throw new PosixError('mknod', library.errno(), path);
    return;
  }
  // glibc before 2.33 exports mknod only under this name; its first argument is 0 on 64-bit Linux (bits/stat.h).
  const xmknod = library.find('__xmknod', 'int', ['int', 'void *', MODE, 'void *']);
  if (xmknod === null) throw new PosixError('mknod', constants.errno.ENOSYS, path);
  const device = Buffer.alloc(8);
  device.writeBigUInt64LE(rdev);
  if (xmknod(0, file, fullMode, device) < 0) throw new PosixError('mknod', library.errno(), path);
}
