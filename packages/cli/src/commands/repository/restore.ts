import { findSnapshot } from '@enterprise-backup/repository/snapshots';
import { restore } from '@enterprise-backup/repository/restore';
import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { CommandContext, Execute } from '../../command-context.ts';
import { withEngineProgress } from '../../progress/engine-progress.ts';
import { writeFields } from '../../views/fields.ts';
import { recoveryFields } from '../../views/recovery-view.ts';
import { writeSkippedItems } from '../../views/skipped-items.ts';
import { withExamples } from '../examples.ts';
import { collect } from '../option-values.ts';
import { assertOutsideRepository } from './repository-location.ts';
import { openNamedRepository, withRepositoryOptions, type RepositoryOptions } from './repository-options.ts';

interface RestoreOptions extends RepositoryOptions {
  readonly target: string;
  readonly folder: string;
  readonly include?: readonly string[];
  readonly dryRun?: boolean;
}

/** Adds `backupctl repository restore`. */
export function addRestore(parent: Command, execute: Execute): void {
  const command = parent
    .command('restore')
    .description('restore a snapshot into a folder and verify each file')
    .argument('<snapshot>', 'id, its first digits, or `latest`')
    .requiredOption('--target <folder>', 'where it goes; made when it is missing')
    .option('--folder <path>', 'only what this folder of the snapshot holds; its content goes into the target', '/')
    .option('--include <pattern>', 'only what matches, as in .gitignore, relative to --folder; repeatable', collect)
    .option('--dry-run', 'write nothing, find out what would be written')
    .action((snapshot: string, options: RestoreOptions) =>
      execute((context) => runRestore(context, snapshot, options)),
    );
  withExamples(withRepositoryOptions(command), [
    'backupctl repository restore latest --folder /srv/documents --target /tmp/documents \\\n    --repository /var/backups/documents --password-file password.txt',
  ]);
}

async function runRestore(context: CommandContext, wanted: string, options: RestoreOptions): Promise<void> {
  const { output, signal } = context;
  const target = resolve(options.target);
  await assertOutsideRepository(options.repository, target);
  const repository = await openNamedRepository(options, context.clock);
  const { id } = await findSnapshot(repository, wanted);
  const dryRun = options.dryRun ?? false;
  const result = await withEngineProgress(context, dryRun ? 'dry run' : 'restore', (onProgress) =>
    restore(repository, {
      snapshot: id,
      folder: options.folder,
      target,
      include: options.include ?? [],
      dryRun,
      onProgress,
      signal,
    }),
  );
  output.object({ snapshot_id: id, target, restore: result });
  output.line(dryRun ? `Would restore to ${target}:` : `${output.paint('good', 'Restored')} to ${target}.`);
  writeFields(output, [['snapshot', id], ...recoveryFields(result)]);
  writeSkippedItems(output, 'not restored:', result.skipped, result.skipped_count);
}
