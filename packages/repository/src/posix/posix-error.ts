import { getSystemErrorMap } from 'node:util';

/**
 * ENOATTR of macOS, which Node's table of error names lacks; Linux has no such name and reports ENODATA in its place.
 */
const MACOS_ENOATTR = 93;

/**
 * A call of the C library that failed. It never reaches a person as it is: the caller decides by `code`, which is named
 * as in Node's own errors (`EPERM`, `ENOTSUP`, `ENODATA`), whether the failure is skipped, reported or fatal.
 */
export class PosixError extends Error {
  readonly code: string;
  readonly errno: number;
  /** The function of the C library, for example `lgetxattr`. */
  readonly syscall: string;

  constructor(syscall: string, errno: number, path: Buffer) {
    const [code, description] = describeErrno(errno);
    super(`${code}: ${description}, ${syscall} '${path.toString()}'`);
    this.name = 'PosixError';
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}

/** Whether something thrown is a failed system call, of ours or of Node, with one of these codes. */
export function hasPosixCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && codes.includes(thrown.code);
}

function describeErrno(errno: number): [string, string] {
  if (process.platform === 'darwin' && errno === MACOS_ENOATTR) return ['ENODATA', 'attribute not found'];
  return getSystemErrorMap().get(-errno) ?? [`E${errno}`, `system error ${errno}`];
}
