import { listNodes, type ListedNode } from '@enterprise-backup/repository/list-nodes';
import { findSnapshot } from '@enterprise-backup/repository/snapshots';
import type { Command } from 'commander';
import type { CommandContext, Execute } from '../../command-context.ts';
import { formatFileMode } from '../../format/file-mode.ts';
import { safeText } from '../../format/safe-text.ts';
import { formatTime } from '../../format/time.ts';
import { withExamples } from '../examples.ts';
import { openNamedRepository, withRepositoryOptions, type RepositoryOptions } from './repository-options.ts';

interface ListOptions extends RepositoryOptions {
  readonly long?: boolean;
}

/** Adds `backupctl repository ls`. */
export function addListFiles(parent: Command, execute: Execute): void {
  const command = parent
    .command('ls')
    .description('list what a snapshot holds')
    .argument('<snapshot>', 'id, its first digits, or `latest`')
    .argument('[folder]', 'only what lies below this folder of the snapshot')
    .option('--long', 'with mode, owner, size and time')
    .action((snapshot: string, folder: string | undefined, options: ListOptions) =>
      execute((context) => listFiles(context, snapshot, folder, options)),
    );
  withExamples(withRepositoryOptions(command), [
    'backupctl repository ls latest /srv/documents --long \\\n    --repository /var/backups/documents --password-file password.txt',
  ]);
}

async function listFiles(
  context: CommandContext,
  wanted: string,
  folder: string | undefined,
  options: ListOptions,
): Promise<void> {
  const { output, signal } = context;
  const repository = await openNamedRepository(options, context.clock);
  const { id } = await findSnapshot(repository, wanted);
  for await (const node of listNodes(repository, id, folder)) {
    if (signal.aborted) return;
    output.object({ node: toObject(node) });
    output.line(options.long === true ? longLine(node) : safeText(node.path));
  }
}

function toObject({ linkTarget, ...node }: ListedNode): object {
  return { ...node, link_target: linkTarget };
}

function longLine(node: ListedNode): string {
  const owner = `${node.user === '' ? node.uid : node.user}:${node.group === '' ? node.gid : node.group}`;
  const link = node.linkTarget === null ? '' : ` -> ${node.linkTarget}`;
  const size = String(node.size).padStart(12);
  return safeText(
    `${formatFileMode(node.mode, node.type)} ${owner} ${size} ${formatTime(node.mtime)} ${node.path}${link}`,
  );
}
