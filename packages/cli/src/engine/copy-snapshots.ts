import { PlatformError } from '@enterprise-backup/contracts/errors';
import { copySnapshots } from '@enterprise-backup/repository/copy';
import { findSnapshot } from '@enterprise-backup/repository/snapshots';
import type { CommandContext } from '../command-context.ts';
import { formatCounted } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { safeText } from '../format/safe-text.ts';
import { formatSize } from '../format/size.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { writeFields } from '../views/fields.ts';
import { limitsOf } from './describe-storage.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

export interface CopyCommandOptions extends RepositoryOptions {
  readonly to: string;
  readonly toPasswordFile: string;
  readonly readBack: boolean;
  readonly lock: boolean;
}

/** Copies snapshots and tells what was copied. Throws what copying and opening throw, and FINDINGS when one could not be copied. */
export async function copyToRepository(
  context: CommandContext,
  snapshots: readonly string[],
  options: CopyCommandOptions,
): Promise<void> {
  const { output, signal, clock } = context;
  const { to, toPasswordFile, asOf, ...others } = options;
  const { repository, passwordFile, wait } = options;
  const source = await openNamedRepository(
    {
      ...limitsOf(options),
      repository,
      ...(passwordFile === undefined ? {} : { passwordFile }),
      ...(wait === undefined ? {} : { wait }),
      ...(asOf === undefined ? {} : { asOf }),
    },
    clock,
  );
  // How objects are written counts where they are written.
  const target = await openNamedRepository({ ...others, repository: to, passwordFile: toPasswordFile }, clock);
  const found = await Promise.all(snapshots.map((wanted) => findSnapshot(source, wanted)));
  const result = await withEngineProgress(context, 'copy', (onProgress) =>
    copySnapshots(source, target, {
      ...(found.length === 0 ? {} : { snapshots: found.map(({ id }) => id) }),
      readBack: options.readBack,
      lockSource: options.lock,
      onProgress,
      signal,
    }),
  );
  output.object({ copy: result });
  for (const { from, to } of result.copied) output.line(`${from.slice(0, 8)} is ${to.slice(0, 8)} there.`);
  for (const { snapshot_id: id, reason, affected } of result.failed) {
    output.line(`${output.paint('bad', 'not copied')} ${id.slice(0, 8)}: ${safeText(reason)}`);
    for (const path of affected.slice(0, 5)) output.line(`  ${safeText(path)}`);
  }
  output.line(
    `${output.paint('good', 'Copied')} ${formatCounted(result.copied.length, 'snapshot')} in ${formatDuration(result.duration_seconds)}; ${result.present.length} were there.`,
  );
  writeFields(output, [
    ['fetched', formatSize(result.bytes_fetched)],
    ['stored', `${formatCounted(result.packs_stored, 'pack')}, ${formatSize(result.bytes_stored)}`],
    ['verified', result.read_back ? 'read back from the other repository' : 'as it was sent'],
  ]);
  if (result.failed.length === 0) return;
  throw new PlatformError('FINDINGS', `${formatCounted(result.failed.length, 'snapshot')} could not be copied`);
}
