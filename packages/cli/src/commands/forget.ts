import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { ForgetOptions } from '../engine/forget-snapshots.ts';
import { withExamples } from './examples.ts';
import { collect, wholeNumber } from './option-values.ts';
import { onDocuments, withRepositoryOptions } from './repository-options.ts';

const counted = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
const bucketed = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;

/** Adds `backupctl repository forget`. The engine is loaded only when it runs. */
export function addForget(parent: Command, execute: Execute): void {
  const command = parent
    .command('forget')
    .description('plan which snapshots to forget, and with --apply forget them; prune frees the space')
    .argument('[snapshot...]', 'forget these and no others: ids or their first digits');
  for (const unit of counted) {
    const what = unit === 'last' ? 'the newest snapshots' : `the newest snapshot of each of so many ${units[unit]}`;
    command.addOption(new Option(`--keep-${unit} <count>`, `keep ${what}, or \`all\``).argParser(countOrAll));
  }
  command.option('--keep-within <duration>', 'keep what is newer, counted from the newest snapshot, such as 1y5m7d2h');
  for (const unit of bucketed) {
    command.option(
      `--keep-within-${unit} <duration>`,
      `keep the newest of each of the ${units[unit]} in this duration`,
    );
  }
  command
    .option('--keep-tag <tags>', 'keep what has all of these tags, separated by commas; repeatable', collect)
    .addOption(
      new Option(
        '--retention-days <days>',
        'keep for so many days, or for those of its tag retention_days:<days>',
      ).argParser(wholeNumber(1, 36_500)),
    )
    .addOption(new Option('--group-by <list>', 'what makes a group: host, paths, tags, or none').default('host,paths'))
    .option('--host <name>', 'only snapshots of this host; repeatable', collect)
    .option('--tag <tags>', 'only snapshots with all of these tags; repeatable', collect)
    .option('--path <path>', 'only snapshots of this path; repeatable', collect)
    .addOption(new Option('--dry-run', 'remove nothing, which is so without --apply too').conflicts('apply'))
    .option('--plan <file>', 'write the plan to this new file; with --apply and no rule, apply the plan in this file')
    .option('--apply', 'remove what the plan says')
    .action((snapshots: string[], options: ForgetOptions) =>
      execute(async (context) => {
        const { forgetSnapshotsByPlan } = await import('../engine/forget-snapshots.ts');
        await forgetSnapshotsByPlan(context, snapshots, options);
      }),
    );
  withExamples(withRepositoryOptions(command), [
    `backupctl repository forget --keep-daily 7 --keep-monthly 12 --plan plan.json \\\n    ${onDocuments}`,
    `backupctl repository forget --apply --plan plan.json ${onDocuments}`,
  ]);
}

const units = { hourly: 'hours', daily: 'days', weekly: 'weeks', monthly: 'months', yearly: 'years' } as const;

function countOrAll(text: string): number {
  if (text === 'all') return -1;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1, or `all`.');
  return Number(text);
}
