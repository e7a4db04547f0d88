import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { CommandContext } from '../command-context.ts';
import { versionObject, writeVersions } from '../views/version-view.ts';
import { withHistory, type HistoryOptions } from './open-history.ts';

/** What a person may say to the command. */
export interface VersionsOptions extends HistoryOptions {
  /** RFC 3339. */
  readonly before?: string;
  readonly limit: number;
}

/** Shows all versions of a path, or the last one before a time. Throws SNAPSHOT_PATH_NOT_FOUND when there is none. */
export async function showVersions(context: CommandContext, path: string, options: VersionsOptions): Promise<void> {
  const { output } = context;
  await withHistory(context, options, async (history) => {
    const { before } = options;
    const last = before === undefined ? null : await history.lastVersion(path, new Date(before));
    const found = before === undefined ? await history.versionsOf(path) : last === null ? [] : [last];
    if (found.length === 0) {
      const when = before === undefined ? '' : ` that was made before ${before}`;
      throw new PlatformError('SNAPSHOT_PATH_NOT_FOUND', `no snapshot${when} holds ${path}`);
    }
    for (const version of found) output.object({ version: versionObject(version) });
    writeVersions(output, found, options.limit);
    const newest = last?.points.at(-1);
    if (newest === undefined) return;
    output.line(`The last snapshot before ${before ?? ''} that holds it: ${newest.id}, of ${newest.time}`);
  });
}
