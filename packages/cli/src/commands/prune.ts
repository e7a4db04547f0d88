import { Option, type Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { PruneOptions } from '../engine/prune-repository.ts';
import { withExamples } from './examples.ts';
import { onDocuments, withWriterOptions } from './repository-options.ts';
import { duration, size, unusedLimit } from './size-values.ts';

/** Adds `backupctl repository prune`. The engine is loaded only when it runs. */
export function addPrune(parent: Command, execute: Execute): void {
  const command = parent
    .command('prune')
    .description('free the space of what no snapshot needs: mark it now, delete it after a grace')
    .option('--dry-run', 'say what would be done, and change nothing')
    .addOption(
      new Option(
        '--max-unused <limit>',
        'unused space that may stay in packs: 5%, 500M or unlimited (default: 5%)',
      ).argParser(unusedLimit),
    )
    .addOption(new Option('--max-repack-size <size>', 'move at most so much in this run, such as 10G').argParser(size))
    .addOption(
      new Option(
        '--grace <duration>',
        'how long marked packs stay, such as 23h; 0s deletes at once (default: 23h)',
      ).argParser(duration),
    )
    .action((options: PruneOptions) =>
      execute(async (context) => {
        const { pruneRepository } = await import('../engine/prune-repository.ts');
        await pruneRepository(context, options);
      }),
    );
  withExamples(withWriterOptions(command), [
    `backupctl repository prune --dry-run ${onDocuments}`,
    `backupctl repository prune --max-repack-size 10G --wait 10m \\\n    ${onDocuments}`,
  ]);
}
