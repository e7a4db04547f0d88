import { openStorage } from '@enterprise-backup/repository/open-storage';
import { initRepository } from '@enterprise-backup/repository/repository';
import type { Command } from 'commander';
import type { CommandContext, Execute } from '../../command-context.ts';
import { readPasswordFile } from '../../files/read-password-file.ts';
import { safeText } from '../../format/safe-text.ts';
import { withExamples } from '../examples.ts';
import { withRepositoryOptions, type RepositoryOptions } from './repository-options.ts';

/** Adds `backupctl repository init`. */
export function addInit(parent: Command, execute: Execute): void {
  const command = parent
    .command('init')
    .description('make an empty repository, in format version 2')
    .action((options: RepositoryOptions) => execute((context) => init(context, options)));
  withExamples(withRepositoryOptions(command), [
    'backupctl repository init --repository /var/backups/documents --password-file password.txt',
  ]);
}

async function init(context: CommandContext, options: RepositoryOptions): Promise<void> {
  const password = await readPasswordFile(options.passwordFile);
  const repository = await initRepository(openStorage(options.repository), password, context.clock);
  const { id, version, storage } = repository;
  context.output.object({ repository: { id, version, location: storage.location } });
  context.output.line(`Made the repository ${id} at ${safeText(storage.location)}.`);
  context.output.line('Without its password nothing in it can be read: keep a copy of it elsewhere.');
}
