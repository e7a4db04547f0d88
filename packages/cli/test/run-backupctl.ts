import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'vitest';

/** The program as a person starts it. */
export const program = join(import.meta.dirname, '..', 'bin', 'backupctl.mjs');

/** What became of a run. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A run that goes on. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves with all of stdout when it holds `text`; rejects when the program ends before. */
  waitFor(text: string): Promise<string>;
  readonly ended: Promise<Ran>;
}

/** Starts `backupctl` with its output in pipes. */
export function startBackupctl(args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(program, args, {
    cwd: options.cwd ?? import.meta.dirname,
    env: { ...process.env, NO_COLOR: '1', BACKUPCTL_DEBUG: '', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, stdout, stderr }));
  const waitFor = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stdout.includes(text)) resolve(stdout);
      };
      child.stdout.on('data', look);
      void ended.then((ran) => {
        reject(new Error(`ended with ${String(ran.status)} before it wrote ${text}:\n${ran.stdout}\n${ran.stderr}`));
      });
      look();
    });
  return { child, waitFor, ended };
}

/** Runs `backupctl` to its end. */
export async function runBackupctl(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return startBackupctl(args, options).ended;
}

/** The objects that a run with --json wrote. Throws when a line is anything else. */
export function objectsOf({ stdout }: Pick<Ran, 'stdout'>): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Expects that a run ended with this error, as persons see it: on stderr, with nothing of the stack. */
export function expectError(ran: Ran, status: number, code: string): void {
  expect(ran.stderr).toMatch(new RegExp(`^error ${code}: .+\nhint: .+\n$`, 'm'));
  expect(ran.stderr).not.toContain('    at ');
  expect(ran.status).toBe(status);
}
