import { overwriteRules } from '@enterprise-backup/repository/restore-overwrite';
import { Option, type Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { BackupOptions } from '../engine/back-up-folder.ts';
import type { CheckOptions } from '../engine/check-repository.ts';
import type { ListOptions } from '../engine/list-files.ts';
import type { RepositoryOptions } from '../engine/open-named-repository.ts';
import type { RestoreOptions } from '../engine/restore-snapshot.ts';
import { addCopy } from './copy.ts';
import { withExamples } from './examples.ts';
import { addDiff, addDump, addFind, addVersions } from './find.ts';
import { addForget } from './forget.ts';
import { addHeal } from './heal.ts';
import { addKeys } from './keys.ts';
import { collect, wholeNumber } from './option-values.ts';
import { addPrune } from './prune.ts';
import { addRepair } from './repair.ts';
import { onDocuments, withRepositoryOptions, withWriterOptions } from './repository-options.ts';
import { duration, readSubset } from './size-values.ts';
import { withAsOf } from './storage-options.ts';
import { addUnlock } from './unlock.ts';

/** Lines that a list of all snapshots shows without a choice of the person. */
const mostVersions = 1000;
const snapshotArgument = ['<snapshot>', 'id, its first digits, or `latest`'] as const;

/**
 * Adds `backupctl repository`: the engine alone, on any restic repository, with no platform running. The engine is loaded
 * only by the commands that use it.
 */
export function addRepository(program: Command, execute: Execute): void {
  const parent = program.command('repository').description('work on a restic repository itself, without a platform');
  const everyday = [addInit, addBackup, addRestore, addSnapshots, addListFiles, addCheck, addForget, addPrune, addCopy];
  const looking = [addFind, addVersions, addDiff, addDump];
  for (const add of [...everyday, ...looking, addKeys, addRepair, addHeal, addUnlock]) add(parent, execute);
}

function addInit(parent: Command, execute: Execute): void {
  const command = parent
    .command('init')
    .description('make an empty repository, in format version 2')
    .action((options: RepositoryOptions) =>
      execute(async (context) => {
        const { initialize } = await import('../engine/init-repository.ts');
        await initialize(context, options);
      }),
    );
  withExamples(withWriterOptions(command), [`backupctl repository init ${onDocuments}`]);
}

function addBackup(parent: Command, execute: Execute): void {
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
    .action((folder: string, options: BackupOptions) =>
      execute(async (context) => {
        const { backUpFolder } = await import('../engine/back-up-folder.ts');
        await backUpFolder(context, folder, options);
      }),
    );
  withExamples(withWriterOptions(command), [
    `backupctl repository backup /srv/documents --exclude '*.tmp' \\\n    ${onDocuments}`,
  ]);
}

function addRestore(parent: Command, execute: Execute): void {
  const command = parent
    .command('restore')
    .description('restore a snapshot into a folder and verify each file')
    .argument(...snapshotArgument)
    .requiredOption('--target <folder>', 'where it goes; made when it is missing')
    .option('--folder <path>', 'only what this folder of the snapshot holds; its content goes into the target', '/')
    .option('--include <pattern>', 'only what matches, as in .gitignore, relative to --folder; repeatable', collect)
    .option('--exclude <pattern>', 'leave out what matches, also of what is included; repeatable', collect)
    .addOption(
      new Option(
        '--overwrite <rule>',
        'what happens to files that are there: if-newer and never keep some as they are (default: if-changed)',
      ).choices(overwriteRules),
    )
    .option('--in-place', 'write what differs straight into files that are there, without a copy beside them')
    .option('--delete-extra', 'delete from the target what the snapshot does not have; says first what that is')
    .option('--dry-run', 'write nothing, find out what would be written')
    .action((snapshot: string, options: RestoreOptions) =>
      execute(async (context) => {
        const { restoreSnapshot } = await import('../engine/restore-snapshot.ts');
        await restoreSnapshot(context, snapshot, options);
      }),
    );
  withExamples(withAsOf(withRepositoryOptions(command)), [
    `backupctl repository restore latest --folder /srv/documents --target /tmp/documents \\\n    ${onDocuments}`,
    `backupctl repository restore latest --folder /srv/documents --target /tmp/documents \\\n    --delete-extra --dry-run ${onDocuments}`,
  ]);
}

function addSnapshots(parent: Command, execute: Execute): void {
  const command = parent
    .command('snapshots')
    .description('list the snapshots, oldest first')
    .action((options: RepositoryOptions) =>
      execute(async (context) => {
        const { showSnapshots } = await import('../engine/show-snapshots.ts');
        await showSnapshots(context, options);
      }),
    );
  withExamples(withAsOf(withRepositoryOptions(command)), [
    `backupctl repository snapshots ${onDocuments}`,
    `backupctl repository snapshots --as-of 2026-11-22T08:00:00Z \\\n    --repository s3:https://s3.eu-central-1.amazonaws.com/bucket --password-file password.txt`,
  ]);
}

function addListFiles(parent: Command, execute: Execute): void {
  const command = parent
    .command('ls')
    .description('list what a snapshot holds')
    .argument('<snapshot>', 'id, its first digits, `latest`, or `all` for the versions in all of them')
    .argument('[folder]', 'only what lies below this folder of the snapshot')
    .option('--long', 'with mode, owner, size and time')
    .addOption(
      new Option('--limit <number>', 'most lines to show for `all`')
        .argParser(wholeNumber(1, 1_000_000))
        .default(mostVersions),
    )
    .option('--cache-folder <folder>', 'where the index for `all` is kept (default: ~/.cache/enterprise-backup)')
    .action((snapshot: string, folder: string | undefined, options: ListOptions) =>
      execute(async (context) => {
        const { listFiles } = await import('../engine/list-files.ts');
        await listFiles(context, snapshot, folder, options);
      }),
    );
  withExamples(withAsOf(withRepositoryOptions(command)), [
    `backupctl repository ls latest /srv/documents --long \\\n    ${onDocuments}`,
  ]);
}

function addCheck(parent: Command, execute: Execute): void {
  const command = parent
    .command('check')
    .description('find out whether everything that the snapshots need is there and right')
    .option('--read-data', 'read all data too, and compare it with its hashes')
    .addOption(
      new Option('--read-data-subset <subset>', 'read a part: n/t, a percentage, or a size such as 10G')
        .argParser(readSubset)
        .conflicts(['readData', 'readDataWithin']),
    )
    .addOption(
      new Option(
        '--read-data-within <duration>',
        'read what is due for all data to be read once in this time, such as 30d; needs --state-file',
      )
        .argParser(duration)
        .conflicts('readData'),
    )
    .option('--state-file <file>', 'remembers what was read when, outside of the repository; made when it is missing')
    .action((options: CheckOptions) =>
      execute(async (context) => {
        const { checkNamedRepository } = await import('../engine/check-repository.ts');
        await checkNamedRepository(context, options);
      }),
    );
  withExamples(withAsOf(withRepositoryOptions(command)), [
    `backupctl repository check --read-data ${onDocuments}`,
    `backupctl repository check --read-data-within 30d --state-file documents.state \\\n    ${onDocuments}`,
  ]);
}
