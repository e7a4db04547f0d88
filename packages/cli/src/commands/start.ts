import { Option, type Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { StartOptions } from '../start/start-options.ts';
import { withExamples } from './examples.ts';
import { wholeNumber } from './option-values.ts';

/** Adds `backupctl start`, which is what `npm start` runs. The platform itself is loaded only then. */
export function addStart(program: Command, execute: Execute): void {
  const command = program
    .command('start')
    .description('bring the platform up on this machine, protect a folder, recover it and prove the result')
    .option('--source <folder>', 'protect this folder, which is only read (default: a working copy of this checkout)')
    .option('--target <folder>', 'recover into a fresh folder in this one (default: one in the data folder)')
    .option('--data <folder>', 'keep all data here (default: .data in the checkout)')
    .addOption(
      new Option('--port <number>', 'TCP port on loopback (default: 9401, or a free one)').argParser(
        wholeNumber(0, 65_535),
      ),
    )
    .option('--once', 'stop when all is shown, instead of staying up until Ctrl-C')
    .action((options: StartOptions) =>
      execute(async (context) => {
        const { start } = await import('../start/start.ts');
        await start(context, options);
      }),
    );
  withExamples(command, [
    'backupctl start',
    'backupctl start --source /srv/documents --once',
    'backupctl start --data /var/tmp/backup-data --port 9500',
  ]);
}
