import type { Repository } from '@enterprise-backup/repository/repository';
import type { ExtraPlan } from '@enterprise-backup/repository/restore-extra-plan';
import type { RestoreOptions as EngineOptions } from '@enterprise-backup/repository/restore-options';
import type { OverwriteRule } from '@enterprise-backup/repository/restore-overwrite';
import { resolve } from 'node:path';
import type { CommandContext } from '../command-context.ts';
import { formatCount, formatCounted } from '../format/count.ts';
import { safeText } from '../format/safe-text.ts';
import { formatSize } from '../format/size.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { writeFields } from '../views/fields.ts';
import { recoveryFields } from '../views/recovery-view.ts';
import { writeSkippedItems } from '../views/skipped-items.ts';
import { assertOutsideRepository } from './repository-location.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

/** Paths that are named before they are deleted; a dry run names all. */
const extraShown = 20;

/** What a person may say to the command. */
export interface RestoreOptions extends RepositoryOptions {
  readonly target: string;
  readonly folder: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly overwrite?: OverwriteRule;
  readonly inPlace?: boolean;
  readonly deleteExtra?: boolean;
  readonly dryRun?: boolean;
}

/** Restores a snapshot and tells about it. Throws TARGET_INSIDE_REPOSITORY and what opening and the engine throw. */
export async function restoreSnapshot(context: CommandContext, wanted: string, options: RestoreOptions): Promise<void> {
  const { output, signal } = context;
  const target = resolve(options.target);
  await assertOutsideRepository(options.repository, target);
  const repository = await openNamedRepository(options, context.clock, async (storage) => {
    (await import('@enterprise-backup/repository/prepare-restore')).prepareRestore(storage);
  });
  const { findSnapshot } = await import('@enterprise-backup/repository/snapshots');
  const { restore } = await import('@enterprise-backup/repository/restore');
  const { id } = await findSnapshot(repository, wanted);
  const dryRun = options.dryRun ?? false;
  const wish: EngineOptions = {
    snapshot: id,
    folder: options.folder,
    target,
    include: options.include ?? [],
    exclude: options.exclude ?? [],
    ...(options.overwrite === undefined ? {} : { overwrite: options.overwrite }),
    inPlace: options.inPlace ?? false,
    dryRun,
    signal,
  };
  const extra = options.deleteExtra === true ? await showExtra(context, repository, wish, dryRun) : null;
  const result = await withEngineProgress(context, dryRun ? 'dry run' : 'restore', (onProgress) =>
    restore(repository, { ...wish, onProgress }),
  );
  output.object({ snapshot_id: id, target, restore: result });
  output.line(dryRun ? `Would restore to ${target}:` : `${output.paint('good', 'Restored')} to ${target}.`);
  writeFields(output, [['snapshot', id], ...recoveryFields(result)]);
  writeSkippedItems(output, 'not restored:', result.skipped, result.skipped_count);
  if (extra !== null && !dryRun) await deleteExtra(context, extra);
}

/** Says what of the target the point does not have, before anything is written. */
async function showExtra(
  { output }: CommandContext,
  repository: Repository,
  wish: EngineOptions,
  dryRun: boolean,
): Promise<ExtraPlan> {
  const { planExtra } = await import('@enterprise-backup/repository/restore-extra-plan');
  const plan = await planExtra(repository, wish);
  const { entries, bytes, left } = plan;
  output.object({ extra_plan: { entries: entries.map(({ path, size }) => ({ path, size })), bytes, left: left.kept } });
  const what = `${formatCounted(entries.length, 'entry', 'entries')}, ${formatSize(bytes)}`;
  output.line(`${dryRun ? 'Would delete' : 'To be deleted after the restore'}, as the point does not have it: ${what}`);
  // A dry run is there to be read: it shows all.
  const shown = dryRun ? entries : entries.slice(0, extraShown);
  for (const { path } of shown) output.line(`  ${safeText(path)}`);
  if (entries.length > shown.length) output.line(`  and ${formatCount(entries.length - shown.length)} more`);
  writeSkippedItems(output, 'not in the point, and stays:', left.kept, left.count);
  return plan;
}

async function deleteExtra({ output, signal }: CommandContext, plan: ExtraPlan): Promise<void> {
  const { applyExtra } = await import('@enterprise-backup/repository/restore-extra-apply');
  const { deleted, bytes, left } = await applyExtra(plan, signal);
  output.object({ extra: { deleted, bytes, left: left.kept } });
  output.line(`Deleted ${formatCounted(deleted, 'entry', 'entries')}, ${formatSize(bytes)}.`);
  writeSkippedItems(output, 'not deleted:', left.kept, left.count);
}
