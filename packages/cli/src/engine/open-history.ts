import { FileHistory } from '@enterprise-backup/repository/file-history';
import type { Repository } from '@enterprise-backup/repository/repository';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CommandContext } from '../command-context.ts';
import { containsPath } from '../files/contains-path.ts';
import { realPath } from '../files/real-path.ts';
import { formatCounted } from '../format/count.ts';
import { safeText } from '../format/safe-text.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

/** What a person may say to commands that look into all snapshots. */
export interface HistoryOptions extends RepositoryOptions {
  readonly cacheFolder?: string;
}

/**
 * Runs `work` on what all snapshots hold, and names those that are damaged before. Throws what opening and the engine
 * throw, CLI_USAGE for a cache in the repository, and FINDINGS at the end when a snapshot could not be searched.
 */
export async function withHistory<Result>(
  context: CommandContext,
  options: HistoryOptions,
  work: (history: FileHistory, repository: Repository) => Promise<Result>,
): Promise<Result> {
  const cacheFolder = resolve(options.cacheFolder ?? join(homedir(), '.cache', 'enterprise-backup'));
  const isFolder = !options.repository.startsWith('s3:');
  if (isFolder && containsPath(await realPath(options.repository), await realPath(cacheFolder))) {
    throw new PlatformError(
      'CLI_USAGE',
      `the cache ${cacheFolder} lies in the repository: choose another --cache-folder`,
    );
  }
  const repository = await openNamedRepository(options, context.clock);
  const history = await withEngineProgress(context, 'snapshots', (onProgress) =>
    FileHistory.open(repository, {
      cacheFolder,
      signal: context.signal,
      onSnapshot: (done, total) => {
        onProgress({ phase: 'reading', bytes_done: 0, bytes_total: null, files_done: done, files_total: total });
      },
    }),
  );
  try {
    const { unreadable } = history;
    for (const { id, reason } of unreadable) {
      context.output.object({ unreadable: { snapshot_id: id, reason } });
      context.output.line(`${context.output.paint('bad', 'damaged')} ${safeText(reason)}`);
    }
    const result = await work(history, repository);
    if (unreadable.length === 0) return result;
    throw new PlatformError('FINDINGS', `${formatCounted(unreadable.length, 'snapshot')} could not be searched`);
  } finally {
    history.close();
  }
}
