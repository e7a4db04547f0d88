import { Option, type Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { CompareOptions } from '../engine/compare-snapshots.ts';
import type { FindOptions } from '../engine/find-files.ts';
import type { RepositoryOptions } from '../engine/open-named-repository.ts';
import type { VersionsOptions } from '../engine/show-versions.ts';
import { withExamples } from './examples.ts';
import { collect, wholeNumber } from './option-values.ts';
import { timestamp } from './rate-values.ts';
import { onDocuments, withRepositoryOptions } from './repository-options.ts';
import { size } from './size-values.ts';
import { withAsOf } from './storage-options.ts';

const mostShown = 1000;

/** Adds `backupctl repository find`. The engine is loaded only when it runs. */
export function addFind(parent: Command, execute: Execute): void {
  const command = parent
    .command('find')
    .description('find files in all snapshots, by name, size and time')
    .argument('[pattern]', 'of the name, such as *.log, or of the path, such as /srv/*/a.txt: *, ?, [...], ** in paths')
    .option('--ignore-case', 'take upper and lower case for the same')
    .option('--folder <path>', 'only below this folder of the snapshots')
    .option('--type <type>', 'only file, dir, symlink, fifo, dev or chardev')
    .addOption(new Option('--larger <size>', 'of at least this size, such as 10M').argParser(size))
    .addOption(new Option('--smaller <size>', 'of at most this size').argParser(size))
    .addOption(new Option('--newer <time>', 'changed at this time or later (RFC 3339, or a day)').argParser(timestamp))
    .addOption(new Option('--older <time>', 'changed before this time').argParser(timestamp))
    .option('--snapshot <snapshot>', 'only in this one; repeatable', collect)
    .action((pattern: string | undefined, options: FindOptions) =>
      execute(async (context) => {
        const { findFiles } = await import('../engine/find-files.ts');
        await findFiles(context, pattern, options);
      }),
    );
  withExamples(withHistoryOptions(command), [
    `backupctl repository find '*.log' --larger 10M --newer 2026-11-01 \\\n    ${onDocuments}`,
  ]);
}

/** Adds `backupctl repository versions`. */
export function addVersions(parent: Command, execute: Execute): void {
  const command = parent
    .command('versions')
    .description('list the versions of one path in all snapshots, oldest first')
    .argument('<path>', 'absolute path inside the snapshots')
    .addOption(
      new Option('--before <time>', 'only the last version in snapshots made before this').argParser(timestamp),
    )
    .action((path: string, options: VersionsOptions) =>
      execute(async (context) => {
        const { showVersions } = await import('../engine/show-versions.ts');
        await showVersions(context, path, options);
      }),
    );
  withExamples(withHistoryOptions(command), [
    `backupctl repository versions /srv/documents/report.txt --before 2026-11-01 \\\n    ${onDocuments}`,
  ]);
}

/** Adds `backupctl repository diff`. */
export function addDiff(parent: Command, execute: Execute): void {
  const command = parent
    .command('diff')
    .description('say what differs between two snapshots: + added, - removed, M content, U owner, rights or time')
    .argument('<before>', 'id, its first digits, or `latest`')
    .argument('<after>', 'likewise')
    .option('--metadata', 'show also what differs in nothing but owner, rights, attributes or time')
    .action((before: string, after: string, options: CompareOptions) =>
      execute(async (context) => {
        const { compareSnapshots } = await import('../engine/compare-snapshots.ts');
        await compareSnapshots(context, before, after, options);
      }),
    );
  withExamples(withHistoryOptions(command), [`backupctl repository diff 3f5a latest --metadata ${onDocuments}`]);
}

/** Adds `backupctl repository dump`. */
export function addDump(parent: Command, execute: Execute): void {
  const command = parent
    .command('dump')
    .description('write the content of one file to stdout')
    .argument('<snapshot>', 'id, its first digits, or `latest`')
    .argument('<path>', 'absolute path of a file inside the snapshot')
    .action((snapshot: string, path: string, options: RepositoryOptions) =>
      execute(async (context) => {
        const { dumpFile } = await import('../engine/dump-file.ts');
        await dumpFile(context, snapshot, path, options);
      }),
    );
  withExamples(withAsOf(withRepositoryOptions(command)), [
    `backupctl repository dump latest /srv/documents/report.txt ${onDocuments}`,
  ]);
}

function withHistoryOptions(command: Command): Command {
  command
    .addOption(
      new Option('--limit <number>', 'most lines to show; --json shows all')
        .argParser(wholeNumber(1, 1_000_000))
        .default(mostShown),
    )
    .option('--cache-folder <folder>', 'where the index of files is kept (default: ~/.cache/enterprise-backup)');
  return withAsOf(withRepositoryOptions(command));
}
