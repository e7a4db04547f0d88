import { PlatformError } from '@enterprise-backup/contracts/errors';
import { openFile } from '@enterprise-backup/repository/read-file';
import { findSnapshot } from '@enterprise-backup/repository/snapshots';
import { once } from 'node:events';
import type { CommandContext } from '../command-context.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

/**
 * Writes the content of one file to stdout. Each part is verified before it is written: after a failure, which the exit
 * status tells, what was written is right but not all. Throws CLI_USAGE with --json, and what opening and reading throw.
 */
export async function dumpFile(
  context: CommandContext,
  wanted: string,
  path: string,
  options: RepositoryOptions,
): Promise<void> {
  if (context.output.json) throw new PlatformError('CLI_USAGE', 'the content of a file is no JSON: leave out --json');
  const repository = await openNamedRepository(options, context.clock);
  const { id } = await findSnapshot(repository, wanted);
  const { content } = await openFile(repository, id, path, context.signal);
  for await (const part of content) {
    // A reader that has gone aborts the signal: there is nobody to wait for.
    if (!process.stdout.write(part)) await once(process.stdout, 'drain', { signal: context.signal });
  }
}
