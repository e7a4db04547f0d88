import { systemClock } from '@enterprise-backup/contracts/clock';
import { toPlatformError } from '@enterprise-backup/contracts/errors';
import { CommanderError } from 'commander';
import type { CommandGroup } from './command-group.ts';
import { readEnvironment } from './environment.ts';
import { writeError } from './error-output.ts';
import { exitStatusOf } from './exit-status.ts';
import { listenForInterrupts } from './interrupts.ts';
import { createOutput } from './output/output.ts';
import { buildProgram } from './program.ts';
import { toUsageError } from './usage-error.ts';

/** Runs the command of `groups` that this process was started with: shows its error and sets the exit status. Never throws. */
export async function runProgram(groups: readonly CommandGroup[]): Promise<void> {
  const environment = readEnvironment();
  const streams = { stdout: process.stdout, stderr: process.stderr };
  const interrupts = listenForInterrupts([process.stdout, process.stderr]);
  // Asked for before the command line is understood, since an error in it must be shown in the right form.
  const json = process.argv.includes('--json');

  const fail = (thrown: unknown): void => {
    const error = toPlatformError(thrown);
    const interrupted = interrupts.status();
    const brokenOff = interrupted !== null && error.code === 'CANCELLED';
    writeError(error, streams, { json, debug: environment.debug });
    process.exitCode = brokenOff ? interrupted : exitStatusOf(error.kind);
  };

  process.on('uncaughtException', (thrown) => {
    fail(thrown);
    process.exit();
  });

  try {
    const program = await buildProgram({
      groups,
      execute: (work) =>
        work({
          output: createOutput(streams, { json, clock: systemClock }),
          clock: systemClock,
          signal: interrupts.signal,
        }),
      writeHelpOnError: (text) => {
        if (!json) process.stderr.write(text);
      },
      given: process.argv.slice(2),
    });
    await program.parseAsync();
  } catch (thrown) {
    const error = thrown instanceof CommanderError ? toUsageError(thrown) : thrown;
    if (error !== null) fail(error);
  }
}
