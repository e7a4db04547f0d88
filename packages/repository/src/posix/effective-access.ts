import { accessSync } from 'node:fs';
import { cPath, libc } from './libc.ts';
import { PosixError } from './posix-error.ts';

/** Of Linux: linux/fcntl.h */
const AT_FDCWD = -100;
const AT_EACCESS = 0x200;

/**
 * Checks that this process may use `path` in the ways that `mode` names (`constants.R_OK`, `W_OK`, `X_OK` of `node:fs`).
 *
 * `access` answers for the real user without the process's capabilities, so it denies a service that runs under its own
 * user with CAP_DAC_OVERRIDE what the service may do. This one answers as the calls that follow will. Where the C library
 * cannot be called, and on other systems than Linux, it is `access`.
 *
 * Throws PosixError or Node's own error: EACCES, ENOENT, ENOTDIR, EROFS, ELOOP.
 */
export function checkEffectiveAccess(path: Buffer, mode: number): void {
  const library = process.platform === 'linux' ? libc() : null;
  const faccessat = library?.find('faccessat', 'int', ['int', 'void *', 'int', 'int']) ?? null;
  if (library === null || faccessat === null) {
    accessSync(path, mode);
    return;
  }
  if (faccessat(AT_FDCWD, cPath('faccessat', path), mode, AT_EACCESS) < 0) {
    throw new PosixError('faccessat', library.errno(), path);
  }
}
