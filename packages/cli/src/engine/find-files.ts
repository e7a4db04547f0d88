import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { findSnapshot } from '@enterprise-backup/repository/snapshots';
import type { CommandContext } from '../command-context.ts';
import { versionObject, writeVersions } from '../views/version-view.ts';
import { withHistory, type HistoryOptions } from './open-history.ts';

/** What a person may say to the command. Sizes in bytes, times RFC 3339. */
export interface FindOptions extends HistoryOptions {
  readonly ignoreCase?: boolean;
  readonly folder?: string;
  readonly type?: string;
  readonly larger?: number;
  readonly smaller?: number;
  readonly newer?: string;
  readonly older?: string;
  readonly snapshot?: readonly string[];
  readonly limit: number;
}

/** Finds files in all snapshots and shows their versions. Throws what opening and the engine throw. */
export async function findFiles(
  context: CommandContext,
  pattern: string | undefined,
  options: FindOptions,
): Promise<void> {
  const { output } = context;
  await withHistory(context, options, async (history, repository) => {
    const points: SnapshotId[] = [];
    for (const wanted of options.snapshot ?? []) points.push((await findSnapshot(repository, wanted)).id);
    const found = await history.find({
      pattern,
      ignoreCase: options.ignoreCase,
      folder: options.folder,
      type: options.type,
      minimumSize: options.larger,
      maximumSize: options.smaller,
      changedSince: options.newer === undefined ? undefined : new Date(options.newer),
      changedBefore: options.older === undefined ? undefined : new Date(options.older),
      points: points.length === 0 ? undefined : points,
    });
    for (const version of found) output.object({ version: versionObject(version) });
    writeVersions(output, found, options.limit);
  });
}
