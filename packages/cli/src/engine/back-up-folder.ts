import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import type { Repository } from '@enterprise-backup/repository/repository';
import { hostname as ownHostname } from 'node:os';
import type { CommandContext } from '../command-context.ts';
import { realPath } from '../files/real-path.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { evidenceFields } from '../views/evidence-text.ts';
import { writeFields } from '../views/fields.ts';
import { writeSkippedItems } from '../views/skipped-items.ts';
import { assertOutsideSource } from './repository-location.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

/** What a person may say to the command. */
export interface BackupOptions extends RepositoryOptions {
  readonly parent?: string;
  readonly full?: boolean;
  readonly exclude?: readonly string[];
  readonly allowEmpty?: boolean;
  readonly tag?: readonly string[];
  readonly host?: string;
}

/** Backs a folder up and tells about it. Throws REPOSITORY_INSIDE_SOURCE and what opening and the engine throw. */
export async function backUpFolder(context: CommandContext, folder: string, options: BackupOptions): Promise<void> {
  const { output, signal } = context;
  if (options.full === true && options.parent !== undefined) {
    throw new PlatformError('CLI_USAGE', 'give --full or --parent, not both');
  }
  await assertOutsideSource(options.repository, folder);
  const repository = await openNamedRepository(options, context.clock, async (storage) => {
    (await import('@enterprise-backup/repository/prepare-backup')).prepareBackup(storage);
  });
  const { backup } = await import('@enterprise-backup/repository/backup');
  const source = await realPath(folder);
  const parent = await chooseParent(repository, source, options);
  const result = await withEngineProgress(context, 'backup', (onProgress) =>
    backup(repository, {
      source,
      parent,
      excludes: options.exclude ?? [],
      allowEmpty: options.allowEmpty ?? false,
      tags: options.tag ?? [],
      ...(options.host === undefined ? {} : { hostname: options.host }),
      onProgress,
      signal,
    }),
  );
  output.object({ backup: result });
  output.line(`${output.paint('good', 'Backed up')} ${source}.`);
  writeFields(output, [['parent', parent], ...evidenceFields(result)]);
  writeSkippedItems(output, 'not in the snapshot:', result.skipped, result.skipped_count);
}

/** Without a choice of the person, as restic chooses: the newest snapshot of the same folder on the same host. */
async function chooseParent(
  repository: Repository,
  source: string,
  { full, parent, host = ownHostname() }: BackupOptions,
): Promise<SnapshotId | null> {
  if (full === true) return null;
  const { findSnapshot, listSnapshots } = await import('@enterprise-backup/repository/snapshots');
  if (parent !== undefined) return (await findSnapshot(repository, parent)).id;
  const ofSource = (await listSnapshots(repository)).filter(
    ({ snapshot }) => snapshot.hostname === host && snapshot.paths?.length === 1 && snapshot.paths[0] === source,
  );
  return ofSource.at(-1)?.id ?? null;
}
