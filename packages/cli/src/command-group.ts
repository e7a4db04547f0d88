import type { Command } from 'commander';
import type { Execute } from './command-context.ts';

/** Adds commands to the program. */
export type AddCommands = (program: Command, execute: Execute) => void;

/** Commands of one module, which is loaded only when one of them was given, or all are wanted. */
export interface CommandGroup {
  /** Under what heading the help lists them. */
  readonly heading: string;
  /** Names of the commands. */
  readonly names: readonly string[];
  readonly load: () => Promise<AddCommands>;
}
