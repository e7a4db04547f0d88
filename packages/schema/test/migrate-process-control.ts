import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MigrationOutcome } from '../src/migrate.ts';
import type { MigrateProcessRequest } from './migrate-process.ts';

/** How a process that migrates ended. */
export interface MigrateProcessEnd {
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
  readonly errors: string;
  /** Undefined when it did not get so far. */
  readonly outcome: MigrationOutcome | undefined;
}

/** A process that has loaded everything and waits to be told to migrate. */
export interface MigrateProcess {
  /** Lets it connect and migrate, and resolves when it has ended. */
  run(): Promise<MigrateProcessEnd>;
}

const SCRIPT = fileURLToPath(new URL('migrate-process.ts', import.meta.url));

/** Starts a process of its own that migrates the catalog when told, and resolves when it is ready. */
export const startMigrateProcess = async (request: MigrateProcessRequest): Promise<MigrateProcess> => {
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify(request)], { stdio: 'pipe' });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([once(child.stdout, 'data'), closed]);
  return {
    run: async () => {
      // A process that died before shows it by its exit code, not by the pipe that it no longer reads.
      child.stdin.on('error', () => undefined);
      child.stdin.end('go\n');
      const [exitCode, signal] = await closed;
      const line = output.split('\n').find((text) => text.startsWith('{'));
      const outcome = line === undefined ? undefined : (JSON.parse(line) as MigrationOutcome);
      return { exitCode, signal, errors, outcome };
    },
  };
};
