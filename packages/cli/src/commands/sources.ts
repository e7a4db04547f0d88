import type { Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { formatTime } from '../format/time.ts';
import type { Output } from '../output/output.ts';
import { withPlatform } from '../platform/with-platform.ts';
import type { SourceSystem } from '@enterprise-backup/contracts/systems';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';
import { absolute, collect } from './option-values.ts';

interface AddSourceOptions extends ConnectionOptions {
  readonly path: string;
  readonly exclude?: readonly string[];
  readonly allowEmpty?: boolean;
  readonly repository: string;
  readonly passwordSecret: string;
}

/** Adds `backupctl sources`. */
export function addSources(program: Command, execute: Execute): void {
  const sources = program.command('sources').description('list and register what is protected');
  const list = sources
    .command('list', { isDefault: true })
    .description('list the registered source systems')
    .action((options: ConnectionOptions) => execute((context) => listSources(context, options)));
  withExamples(withConnectionOptions(list), ['backupctl sources list']);

  const add = sources
    .command('add')
    .description('register a source system, or change the one with this name')
    .argument('<name>', 'name of the source system')
    .requiredOption('--path <folder>', 'the folder on the machine of the agent', absolute)
    .option(
      '--exclude <pattern>',
      'leave out what matches, as in .gitignore, relative to the folder; repeatable',
      collect,
    )
    .option('--allow-empty', 'an empty folder is a backup and not a failure')
    .requiredOption('--repository <location>', 'a folder of the agent’s machine, or s3:https://host/bucket/prefix')
    .requiredOption('--password-secret <name>', 'name of the secret that holds the repository’s password')
    .action((name: string, options: AddSourceOptions) => execute((context) => addSource(context, name, options)));
  withExamples(withConnectionOptions(add), [
    "backupctl sources add documents --path /srv/documents --exclude '*.tmp' \\\n    --repository /var/backups/documents --password-secret repository-password",
  ]);
}

async function listSources(context: CommandContext, options: ConnectionOptions): Promise<void> {
  const answer = await withPlatform(context, options, (platform) => platform.orchestrator('list_sources', {}));
  context.output.object(answer);
  writeSources(context.output, answer.sources);
}

async function addSource(context: CommandContext, name: string, options: AddSourceOptions): Promise<void> {
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('register_source', {
      source_system: name,
      settings: {
        kind: 'filesystem',
        path: options.path,
        excludes: [...(options.exclude ?? [])],
        allow_empty: options.allowEmpty ?? false,
      },
      repository: { location: options.repository, password_secret: options.passwordSecret },
    }),
  );
  context.output.object(answer);
  writeSources(context.output, [answer.source]);
}

function writeSources(output: Output, sources: readonly SourceSystem[]): void {
  if (sources.length === 0) {
    output.line('No source systems.');
    return;
  }
  output.table({
    columns: [
      { title: 'source' },
      { title: 'kind' },
      { title: 'path' },
      { title: 'excludes' },
      { title: 'repository' },
      { title: 'created' },
    ],
    rows: sources.map(({ source_system, settings, repository_id, created_at }) => [
      source_system,
      settings.kind,
      settings.path,
      settings.excludes.join(' '),
      repository_id,
      formatTime(created_at),
    ]),
  });
}
