import type { Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { UnlockCommandOptions } from '../engine/unlock-repository.ts';
import { withExamples } from './examples.ts';
import { onDocuments, withRepositoryOptions } from './repository-options.ts';

/** Adds `backupctl repository unlock`. The engine is loaded only when it runs. */
export function addUnlock(parent: Command, execute: Execute): void {
  const command = parent
    .command('unlock')
    .description('remove locks that nobody stands behind, and say why')
    .option('--remove-all', 'remove every lock: only when you know that nobody works on the repository')
    .action((options: UnlockCommandOptions) =>
      execute(async (context) => {
        const { unlock } = await import('../engine/unlock-repository.ts');
        await unlock(context, options);
      }),
    );
  withExamples(withRepositoryOptions(command), [`backupctl repository unlock ${onDocuments}`]);
}
