import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

/** One function of a library in C. A pointer is a Buffer whose memory the function works in, or an address as a number. */
export type NativeFunction = (...values: readonly (Uint8Array | number | bigint | null)[]) => number;

/** A library in C that this process has loaded. */
export interface NativeLibrary {
  /** The function, or null when this library has none of that name. Types are C's. It is prepared once. */
  find(name: string, result: 'int' | 'intptr_t', parameters: readonly string[]): NativeFunction | null;
  /** errno of this thread's last call. */
  errno(): number;
}

/**
 * Loads the first library of these files that there is, null being this process itself. What Node has no call for goes
 * through koffi, which ships a binary for each common platform and needs no compiler. Returns the reason why none can be called.
 */
export function loadNativeLibrary(files: readonly (string | null)[]): NativeLibrary | string {
  let reason = '';
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    for (const file of files) {
      try {
        return bind(koffi, koffi.load(file));
      } catch (error) {
        reason = messageOf(error);
      }
    }
  } catch (error) {
    reason = messageOf(error);
  }
  return reason;
}

function bind(koffi: typeof Koffi, library: Koffi.LibraryHandle): NativeLibrary {
  const functions = new Map<string, NativeFunction | null>();
  const prepare = (name: string, result: string, parameters: readonly string[]): NativeFunction | null => {
    try {
      return library.func(name, result, [...parameters]) as NativeFunction;
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
