import type { Command } from 'commander';

/** Adds examples to a command's help. Each is a whole command line; the tests check that it is accepted. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', `\n${examplesHeading}\n${examples.map((line) => `  ${line}`).join('\n')}`);
}

/** The line above the examples, by which the tests find them. */
export const examplesHeading = 'Examples:';
