import { listNodes, type ListedNode } from '@enterprise-backup/repository/list-nodes';
import { findSnapshot } from '@enterprise-backup/repository/snapshots';
import type { CommandContext } from '../command-context.ts';
import { formatFileMode } from '../format/file-mode.ts';
import { safeText } from '../format/safe-text.ts';
import { formatTime } from '../format/time.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

/** What a person may say to the command. */
export interface ListOptions extends RepositoryOptions {
  readonly long?: boolean;
}

/** Lists what a snapshot holds. Throws what opening and the engine throw. */
export async function listFiles(
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
