import fs, { copyFileSync, mkdirSync, promises, statSync, truncateSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, resolve, sep } from 'node:path';

/**
 * Runs in a process before everything else (`--import`) and in each of its worker threads, which inherit that: counts
 * what the process publishes or removes below a folder, in the order in which it happens across all threads, and kills
 * the process at one of these writes. See kill-at-write.ts, which sets the variables.
 */
const below = process.env['KILL_AT_WRITE_BELOW'] ?? '';
const counter = process.env['KILL_AT_WRITE_COUNTER'] ?? '';
const at = Number(process.env['KILL_AT_WRITE_AT'] ?? '0');
const torn = process.env['KILL_AT_WRITE_TORN'] === '1';
const contents = process.env['KILL_AT_WRITE_CONTENTS'] ?? '';
let known = 0;

/** The number of this write. Threads share nothing but files: the first number whose file can be made is free. */
function claim(kind: 'publish' | 'remove', path: unknown): number {
  for (;;) {
    known += 1;
    try {
      writeFileSync(join(counter, String(known)), `${kind} ${resolve(String(path))}`, { flag: 'wx' });
      return known;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error('a killed process goes on');
}

const counts = (path: unknown): path is string =>
  (typeof path === 'string' || path instanceof Buffer) && `${resolve(String(path))}${sep}`.startsWith(`${below}${sep}`);

/** What a power cut in the middle of a write leaves: half of the temporary file, and nothing under the final name. */
function tear(temporary: string): never {
  truncateSync(temporary, Math.floor(statSync(temporary).size / 2));
  die();
}

type Call = (path: unknown, ...others: unknown[]) => unknown;

/** Replaces a function of `module`. One that publishes takes the temporary file first and the final name second. */
function hook(module: object, name: string, publishes: boolean): void {
  const original = Reflect.get(module, name) as Call;
  const replacement: Call = (path, ...others) => {
    const named = publishes ? others[0] : path;
    if (!counts(named)) return original(path, ...others);
    const number = claim(publishes ? 'publish' : 'remove', named);
    if (publishes && contents !== '') copyFileSync(String(path), join(contents, String(number)));
    if (number === at && torn && publishes) tear(String(path));
    const result = original(path, ...others);
    if (number !== at) return result;
    return result instanceof Promise ? result.then(die) : die();
  };
  Reflect.set(module, name, replacement);
}

mkdirSync(counter, { recursive: true });
hook(promises, 'rename', true);
hook(promises, 'link', true);
hook(promises, 'unlink', false);
hook(fs, 'renameSync', true);
hook(fs, 'linkSync', true);
hook(fs, 'unlinkSync', false);
syncBuiltinESMExports();
