import type { Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { CopyCommandOptions } from '../engine/copy-snapshots.ts';
import { withExamples } from './examples.ts';
import { onDocuments, withWriterOptions } from './repository-options.ts';
import { withAsOf } from './storage-options.ts';

/** Adds `backupctl repository copy`. The engine is loaded only when it runs. */
export function addCopy(parent: Command, execute: Execute): void {
  const command = parent
    .command('copy')
    .description('copy snapshots into another repository, which may have another key, and verify them there')
    .argument('[snapshot...]', 'ids or their first digits (default: all that it has not yet)')
    .requiredOption('--to <location>', 'the other repository; make it with `init`')
    .requiredOption('--to-password-file <file>', 'file that holds the password of the other repository')
    .option('--no-read-back', 'verify what is sent, and do not read it back from the other repository')
    .option('--no-lock', 'do not lock the repository that is copied from, which then is only read')
    .action((snapshots: string[], options: CopyCommandOptions) =>
      execute(async (context) => {
        const { copyToRepository } = await import('../engine/copy-snapshots.ts');
        await copyToRepository(context, snapshots, options);
      }),
    );
  withExamples(withAsOf(withWriterOptions(command)), [
    `backupctl repository copy --to /mnt/vault/documents --to-password-file vault.txt \\\n    ${onDocuments}`,
  ]);
}
