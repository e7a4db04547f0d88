import { listNodes, type ListedNode } from '@enterprise-backup/repository/list-nodes';
import { findSnapshot } from '@enterprise-backup/repository/snapshots';
import type { CommandContext } from '../command-context.ts';
import { formatFileMode } from '../format/file-mode.ts';
import { safeText } from '../format/safe-text.ts';
import { formatTime } from '../format/time.ts';
import { versionObject, writeVersions } from '../views/version-view.ts';
import { withHistory, type HistoryOptions } from './open-history.ts';
import { openNamedRepository } from './open-named-repository.ts';

/** What a person may say to the command. */
export interface ListOptions extends HistoryOptions {
  readonly long?: boolean;
  /** Most lines for `all`. */
  readonly limit: number;
}

/** Lists what a snapshot holds, or for `all` what all of them do. Throws what opening and the engine throw. */
export async function listFiles(
  context: CommandContext,
  wanted: string,
  folder: string | undefined,
  options: ListOptions,
): Promise<void> {
  const { output, signal } = context;
  if (wanted === 'all') {
    await listAllSnapshots(context, folder, options);
    return;
  }
  const repository = await openNamedRepository(options, context.clock);
  const { id } = await findSnapshot(repository, wanted);
  for await (const node of listNodes(repository, id, folder)) {
    if (signal.aborted) return;
    output.object({ node: toObject(node) });
    output.line(options.long === true ? longLine(node) : safeText(node.path));
  }
}

async function listAllSnapshots(
  context: CommandContext,
  folder: string | undefined,
  options: ListOptions,
): Promise<void> {
  const { output } = context;
  await withHistory(context, options, async (history) => {
    const found = await history.find({ folder });
    for (const version of found) output.object({ version: versionObject(version) });
    writeVersions(output, found, options.limit);
  });
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
