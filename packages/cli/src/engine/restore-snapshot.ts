import { findSnapshot } from '@enterprise-backup/repository/snapshots';
import { restore } from '@enterprise-backup/repository/restore';
import { resolve } from 'node:path';
import type { CommandContext } from '../command-context.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { writeFields } from '../views/fields.ts';
import { recoveryFields } from '../views/recovery-view.ts';
import { writeSkippedItems } from '../views/skipped-items.ts';
import { assertOutsideRepository } from './repository-location.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

/** What a person may say to the command. */
export interface RestoreOptions extends RepositoryOptions {
  readonly target: string;
  readonly folder: string;
  readonly include?: readonly string[];
  readonly dryRun?: boolean;
}

/** Restores a snapshot and tells about it. Throws TARGET_INSIDE_REPOSITORY and what opening and the engine throw. */
export async function restoreSnapshot(context: CommandContext, wanted: string, options: RestoreOptions): Promise<void> {
  const { output, signal } = context;
  const target = resolve(options.target);
  await assertOutsideRepository(options.repository, target);
  const repository = await openNamedRepository(options, context.clock);
  const { id } = await findSnapshot(repository, wanted);
  const dryRun = options.dryRun ?? false;
  const result = await withEngineProgress(context, dryRun ? 'dry run' : 'restore', (onProgress) =>
    restore(repository, {
      snapshot: id,
      folder: options.folder,
      target,
      include: options.include ?? [],
      dryRun,
      onProgress,
      signal,
    }),
  );
  output.object({ snapshot_id: id, target, restore: result });
  output.line(dryRun ? `Would restore to ${target}:` : `${output.paint('good', 'Restored')} to ${target}.`);
  writeFields(output, [['snapshot', id], ...recoveryFields(result)]);
  writeSkippedItems(output, 'not restored:', result.skipped, result.skipped_count);
}
