import { constants } from 'node:os';
import { loadNativeLibrary, type NativeLibrary } from '../native-library.ts';
import { PosixError } from './posix-error.ts';

/** The C library's file by platform: glibc, then musl; macOS has one. */
const LIBRARIES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`],
  darwin: ['/usr/lib/libSystem.B.dylib'],
};

/** Longest path the kernel takes, in bytes, without the closing zero. */
const LONGEST_PATH = 4095;

let loaded: NativeLibrary | string | undefined;

/**
 * Why the C library cannot be called here, as a sentence for a person, or null when it can. Node has no call for
 * extended attributes, for exact times of links or for devices; where the C library cannot be called, these metadata are neither
 * read nor set.
 */
export function libcAbsence(): string | null {
  loaded ??= load();
  return typeof loaded === 'string' ? loaded : null;
}

/** The C library, or null where it cannot be called. */
export function libc(): NativeLibrary | null {
  loaded ??= load();
  return typeof loaded === 'string' ? null : loaded;
}

function load(): NativeLibrary | string {
  const files = LIBRARIES[process.platform];
  if (files === undefined) return `no C library is known for the platform ${process.platform}`;
  const library = loadNativeLibrary(files);
  return typeof library === 'string' ? `the C library cannot be called: ${library}` : library;
}

const pathBuffer = Buffer.alloc(LONGEST_PATH + 1);

/**
 * The path as a C string, in a buffer that the next call overwrites. Throws PosixError ENAMETOOLONG, and EINVAL for a
 * path with a zero byte, which the kernel would take for a shorter path.
 */
export function cPath(syscall: string, path: Buffer): Buffer {
  if (path.length > LONGEST_PATH) throw new PosixError(syscall, constants.errno.ENAMETOOLONG, path);
  if (path.includes(0)) throw new PosixError(syscall, constants.errno.EINVAL, path);
  path.copy(pathBuffer);
  pathBuffer[path.length] = 0;
  return pathBuffer;
}
