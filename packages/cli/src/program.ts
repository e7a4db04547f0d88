import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { Execute } from './command-context.ts';
import type { CommandGroup } from './command-group.ts';
import { exitStatuses } from './exit-status.ts';

/** What a program is made of. */
export interface ProgramParts {
  readonly groups: readonly CommandGroup[];
  /** Runs the work of the command that was given. */
  readonly execute: Execute;
  /** Takes the help that is shown when no command was given. */
  readonly writeHelpOnError: (text: string) => void;
  /** The words after the program's name: when they begin with a command, its group alone is loaded. All by default. */
  readonly given?: readonly string[];
}

/**
 * The command line of some groups of commands. Wrong usage and asking for help throw commander's CommanderError; nothing
 * exits by itself, and errors are not written.
 */
export async function buildProgram({ groups, execute, writeHelpOnError, given = [] }: ProgramParts): Promise<Command> {
  const program = new Command('backupctl')
    .description('Back up, watch and recover the systems of the Enterprise Backup and Disaster Recovery Platform.')
    .version(manifest.version)
    .option('--json', 'write one JSON object on each line, for programs')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined, writeErr: writeHelpOnError })
    .exitOverride()
    .addHelpText('after', `\n${exitStatusHelp()}`);
  // No option of the program itself takes a value.
  const name = given.find((word) => !word.startsWith('-'));
  const wanted = groups.filter(({ names }) => name !== undefined && names.includes(name));
  for (const { heading, load } of wanted.length > 0 ? wanted : groups) {
    const add = await load();
    program.commandsGroup(heading);
    add(program, execute);
  }
  return program;
}

function exitStatusHelp(): string {
  const lines = exitStatuses.map(({ status, meaning }) => `  ${status}  ${meaning}`);
  return ['Exit status:', ...lines, '  128 + n  ended by signal n, as 130 by Ctrl-C'].join('\n');
}
