import type { Clock } from '@enterprise-backup/contracts/clock';
import type { Output } from './output/output.ts';

/** What a command works with. */
export interface CommandContext {
  readonly output: Output;
  readonly clock: Clock;
  /** Aborted by Ctrl-C: the command leaves things in order and ends. */
  readonly signal: AbortSignal;
}

/** Runs the work of a command: makes its context, shows its error and sets the exit status. */
export type Execute = (work: (context: CommandContext) => Promise<void>) => Promise<void>;
