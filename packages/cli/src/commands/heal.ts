import { Option, type Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { HealCommandOptions } from '../engine/heal-repository.ts';
import { withExamples } from './examples.ts';
import { timestamp } from './rate-values.ts';
import { onDocuments, withWriterOptions } from './repository-options.ts';

/** Adds `backupctl repository heal`. The engine is loaded only when it runs. */
export function addHeal(parent: Command, execute: Execute): void {
  const command = parent
    .command('heal')
    .description('plan how to mend a repository from a second copy, and with --apply mend it')
    .requiredOption('--copy <location>', 'a replica of the repository, or one that its snapshots were copied to')
    .requiredOption('--copy-password-file <file>', 'file that holds the password of the second copy')
    .addOption(
      new Option(
        '--copy-as-of <time>',
        'take the copy as it stood then, in a bucket with versions; it may be the same bucket (RFC 3339)',
      ).argParser(timestamp),
    )
    .option('--read-data', 'read all data to find damage; otherwise sizes and folders')
    .option(
      '--missing-snapshots',
      'bring back snapshots that only the copy has, also if they were forgotten on purpose',
    )
    .option('--plan <file>', 'write the plan to this new file; with --apply, apply the plan in this file')
    .option('--apply', 'do what the plan says')
    .action((options: HealCommandOptions) =>
      execute(async (context) => {
        const { healRepository } = await import('../engine/heal-repository.ts');
        await healRepository(context, options);
      }),
    );
  withExamples(withWriterOptions(command), [
    `backupctl repository heal --copy /mnt/replica/documents --copy-password-file password.txt --read-data \\\n    ${onDocuments}`,
    `backupctl repository heal --copy /mnt/replica/documents --copy-password-file password.txt --apply \\\n    ${onDocuments}`,
  ]);
}
