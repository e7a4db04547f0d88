import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { backup } from '@enterprise-backup/repository/backup';
import type { Repository } from '@enterprise-backup/repository/repository';
import { findSnapshot, listSnapshots } from '@enterprise-backup/repository/snapshots';
import type { Command } from 'commander';
import { hostname as ownHostname } from 'node:os';
import type { CommandContext, Execute } from '../../command-context.ts';
import { realPath } from '../../files/real-path.ts';
import { withEngineProgress } from '../../progress/engine-progress.ts';
import { evidenceFields } from '../../views/evidence-text.ts';
import { writeFields } from '../../views/fields.ts';
import { writeSkippedItems } from '../../views/skipped-items.ts';
import { withExamples } from '../examples.ts';
import { collect } from '../option-values.ts';
import { assertOutsideSource } from './repository-location.ts';
import { openNamedRepository, withRepositoryOptions, type RepositoryOptions } from './repository-options.ts';

interface BackupOptions extends RepositoryOptions {
  readonly parent?: string;
  readonly full?: boolean;
  readonly exclude?: readonly string[];
  readonly allowEmpty?: boolean;
  readonly tag?: readonly string[];
  readonly host?: string;
}

/** Adds `backupctl repository backup`. */
export function addBackup(parent: Command, execute: Execute): void {
  const command = parent
    .command('backup')
    .description('back up a folder as a new snapshot')
    .argument('<folder>', 'the folder to protect')
    .option('--full', 'read every file, also those that have not changed')
    .option('--parent <snapshot>', 'take unchanged files from this one (default: the newest of this folder and host)')
    .option(
      '--exclude <pattern>',
      'leave out what matches, as in .gitignore, relative to the folder; repeatable',
      collect,
    )
    .option('--allow-empty', 'an empty folder is a backup and not a failure')
    .option('--tag <tag>', 'tag of the snapshot; repeatable', collect)
    .option('--host <name>', 'name of the host in the snapshot (default: this machine’s)')
    .action((folder: string, options: BackupOptions) => execute((context) => runBackup(context, folder, options)));
  withExamples(withRepositoryOptions(command), [
    "backupctl repository backup /srv/documents --exclude '*.tmp' \\\n    --repository /var/backups/documents --password-file password.txt",
  ]);
}

async function runBackup(context: CommandContext, folder: string, options: BackupOptions): Promise<void> {
  const { output, signal } = context;
  if (options.full === true && options.parent !== undefined) {
    throw new PlatformError('CLI_USAGE', 'give --full or --parent, not both');
  }
  await assertOutsideSource(options.repository, folder);
  const repository = await openNamedRepository(options, context.clock);
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
  if (parent !== undefined) return (await findSnapshot(repository, parent)).id;
  const ofSource = (await listSnapshots(repository)).filter(
    ({ snapshot }) => snapshot.hostname === host && snapshot.paths?.length === 1 && snapshot.paths[0] === source,
  );
  return ofSource.at(-1)?.id ?? null;
}
