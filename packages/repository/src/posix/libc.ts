import { constants } from 'node:os';
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { PosixError } from './posix-error.ts';

/** The C library's file by platform: glibc, then musl; macOS has one. */
const LIBRARIES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`],
  darwin: ['/usr/lib/libSystem.B.dylib'],
};

/** Longest path the kernel takes, in bytes, without the closing zero. */
const LONGEST_PATH = 4095;

/** One function of the C library that returns 0 or more, or -1 and errno. */
export type LibcFunction = (...values: readonly (Buffer | number | bigint | null)[]) => number;

/** The C library of this process, as far as this package calls it. */
export interface Libc {
  /** The function, or null when this C library has none of that name. Types are C's. It is prepared once. */
  find(name: string, result: 'int' | 'intptr_t', parameters: readonly string[]): LibcFunction | null;
  /** errno of this thread's last call. */
  errno(): number;
}

let loaded: Libc | string | undefined;

/**
 * Why the C library cannot be called here, as a sentence for a person, or null when it can. Node has no call for
 * extended attributes, for exact times of links or for devices; they go through koffi, which ships a binary for each
 * common platform and needs no compiler. Where it has none, these metadata are neither read nor set.
 */
export function libcAbsence(): string | null {
  loaded ??= load();
  return typeof loaded === 'string' ? loaded : null;
}

/** The C library, or null where it cannot be called. */
export function libc(): Libc | null {
  loaded ??= load();
  return typeof loaded === 'string' ? null : loaded;
}

function load(): Libc | string {
  const names = LIBRARIES[process.platform];
  if (names === undefined) return `no C library is known for the platform ${process.platform}`;
  let reason = '';
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    for (const name of names) {
      try {
        return bind(koffi, koffi.load(name));
      } catch (error) {
        reason = messageOf(error);
      }
    }
  } catch (error) {
    reason = messageOf(error);
  }
  return `the C library cannot be called: ${reason}`;
}

function bind(koffi: typeof Koffi, library: Koffi.LibraryHandle): Libc {
  const functions = new Map<string, LibcFunction | null>();
  const prepare = (name: string, result: string, parameters: readonly string[]): LibcFunction | null => {
    try {
      return library.func(name, result, [...parameters]) as LibcFunction;
    } catch {
      return null;
    }
  };
  return {
    errno: () => koffi.errno(),
    find: (name, result, parameters) => {
      let found = functions.get(name);
      if (found === undefined) {
        found = prepare(name, result, parameters);
        functions.set(name, found);
      }
      return found;
    },
  };
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
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
