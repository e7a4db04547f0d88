import { openStorageLazily } from '@enterprise-backup/repository/open-storage-lazily';
import { initRepository } from '@enterprise-backup/repository/repository';
import type { CommandContext } from '../command-context.ts';
import { readPasswordFile } from '../files/read-password-file.ts';
import { safeText } from '../format/safe-text.ts';
import { describeStorage } from './describe-storage.ts';
import type { RepositoryOptions } from './open-named-repository.ts';

/** Makes an empty repository and tells about it. Throws REPOSITORY_EXISTS, PASSWORD_MISSING, STORAGE_ errors. */
export async function initialize(context: CommandContext, options: RepositoryOptions): Promise<void> {
  const password = await readPasswordFile(options.passwordFile);
  const repository = await initRepository(await openStorageLazily(describeStorage(options)), password, context.clock);
  const { id, version, storage } = repository;
  context.output.object({ repository: { id, version, location: storage.location } });
  context.output.line(`Made the repository ${id} at ${safeText(storage.location)}.`);
  context.output.line('Without its password nothing in it can be read: keep a copy of it elsewhere.');
}
