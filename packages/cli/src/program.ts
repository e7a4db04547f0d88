import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { Execute } from './command-context.ts';
import { addDeploy } from './commands/deploy.ts';
import { addJobs } from './commands/jobs.ts';
import { addPoints } from './commands/points.ts';
import { addPublish } from './commands/publish.ts';
import { addRecover } from './commands/recover.ts';
import { addRecoveries } from './commands/recoveries.ts';
import { addRepository } from './commands/repository.ts';
import { addRetention } from './commands/retention.ts';
import { addRun } from './commands/run.ts';
import { addSchedules } from './commands/schedules.ts';
import { addSources } from './commands/sources.ts';
import { addStart } from './commands/start.ts';
import { addStatus } from './commands/status.ts';
import { addTargets } from './commands/targets.ts';
import { addVerify } from './commands/verify.ts';
import { exitStatuses } from './exit-status.ts';

/**
 * The whole command line. `execute` runs the work of the command that was given. Wrong usage and asking for help throw
 * commander's CommanderError; nothing exits by itself, and errors are not written. `writeHelpOnError` takes the help that
 * is shown when no command was given.
 */
export function buildProgram(execute: Execute, writeHelpOnError: (text: string) => void): Command {
  const program = new Command('backupctl')
    .description('Back up, watch and recover the systems of the Enterprise Backup and Disaster Recovery Platform.')
    .version(manifest.version)
    .option('--json', 'write one JSON object on each line, for programs')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined, writeErr: writeHelpOnError })
    .exitOverride()
    .addHelpText('after', `\n${exitStatusHelp()}`);
  program.commandsGroup('See:');
  addStatus(program, execute);
  addPoints(program, execute);
  addJobs(program, execute);
  addRecoveries(program, execute);
  program.commandsGroup('Act:');
  addRun(program, execute);
  addRecover(program, execute);
  addVerify(program, execute);
  program.commandsGroup('Set up:');
  addSources(program, execute);
  addTargets(program, execute);
  addSchedules(program, execute);
  addRetention(program, execute);
  program.commandsGroup('In AWS:');
  addDeploy(program, execute);
  addPublish(program, execute);
  program.commandsGroup('On this machine:');
  addStart(program, execute);
  addRepository(program, execute);
  return program;
}

function exitStatusHelp(): string {
  const lines = exitStatuses.map(({ status, meaning }) => `  ${status}  ${meaning}`);
  return ['Exit status:', ...lines, '  128 + n  ended by signal n, as 130 by Ctrl-C'].join('\n');
}
