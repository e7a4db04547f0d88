import { PlatformError } from '@enterprise-backup/contracts/errors';
import { applyIndexRepair, planIndexRepair } from '@enterprise-backup/repository/repair-index';
import { applyPackRepair, parsePackId, planPackRepair } from '@enterprise-backup/repository/repair-packs';
import { indexRepairPlan, packRepairPlan, snapshotRepairPlan } from '@enterprise-backup/repository/repair-plan';
import { applySnapshotRepair, planSnapshotRepair } from '@enterprise-backup/repository/repair-snapshots';
import { findSnapshotId } from '@enterprise-backup/repository/snapshots';
import type { CommandContext } from '../command-context.ts';
import { formatCounted } from '../format/count.ts';
import { formatSize } from '../format/size.ts';
import type { Output } from '../output/output.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { writeIndexPlan, writePackPlan, writeSnapshotPlan } from '../views/repair-view.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';
import { assertNothingElse, isPlanFromFile, keepPlan, readPlanFile, type PlanOptions } from './plan-file.ts';

export interface IndexCommandOptions extends RepositoryOptions, PlanOptions {
  readonly readAllPacks?: boolean;
}

export interface PacksCommandOptions extends RepositoryOptions, PlanOptions {
  readonly readData?: boolean;
}

export interface SnapshotsCommandOptions extends RepositoryOptions, PlanOptions {
  readonly removeDamaged?: boolean;
}

/** Plans an index repair and shows the plan, or takes one from a file; applies it with `apply`. Throws what these throw. */
export async function repairIndexOf(context: CommandContext, options: IndexCommandOptions): Promise<void> {
  const { output, signal } = context;
  if (isPlanFromFile(options)) assertNothingElse([options.readAllPacks]);
  const repository = await openNamedRepository(options, context.clock);
  const plan = isPlanFromFile(options)
    ? await readPlanFile(indexRepairPlan, options.plan)
    : await withEngineProgress(context, 'plan', (onProgress) =>
        planIndexRepair(repository, { readAllPacks: options.readAllPacks ?? false, onProgress, signal }),
      );
  output.object({ index_repair_plan: plan });
  writeIndexPlan(output, plan);
  if (options.apply !== true) return keepPlan(output, plan, options);
  const result = await withEngineProgress(context, 'repair', (onProgress) =>
    applyIndexRepair(repository, plan, { onProgress, signal }),
  );
  output.object({ index_repair: result });
  output.line(
    `${output.paint('good', 'Repaired')}: ${formatCounted(result.packs_listed, 'pack')} listed, ${result.packs_dropped} dropped, ${formatCounted(result.index_files_removed.length, 'index file')} removed.`,
  );
  writePutOff(output, result.index_files_put_off);
}

/** As `repairIndexOf`, for packs. */
export async function repairPacksOf(
  context: CommandContext,
  packs: readonly string[],
  options: PacksCommandOptions,
): Promise<void> {
  const { output, signal } = context;
  const wanted = packs.map((pack) => {
    const id = parsePackId(pack);
    if (id === null) throw new PlatformError('PACK_UNKNOWN', `${JSON.stringify(pack)} is no id of a pack`);
    return id;
  });
  if (isPlanFromFile(options)) assertNothingElse([options.readData, ...packs]);
  const repository = await openNamedRepository(options, context.clock);
  const plan = isPlanFromFile(options)
    ? await readPlanFile(packRepairPlan, options.plan)
    : await withEngineProgress(context, 'plan', (onProgress) =>
        planPackRepair(repository, {
          ...(wanted.length === 0 ? {} : { packs: wanted }),
          readData: options.readData ?? false,
          onProgress,
          signal,
        }),
      );
  output.object({ pack_repair_plan: plan });
  writePackPlan(output, plan);
  if (options.apply !== true) return keepPlan(output, plan, options);
  const result = await withEngineProgress(context, 'repair', (onProgress) =>
    applyPackRepair(repository, plan, { onProgress, signal }),
  );
  output.object({ pack_repair: result });
  output.line(
    `${output.paint('good', 'Repaired')}: ${formatCounted(result.packs_removed.length, 'pack')} replaced, ${formatCounted(result.blobs_salvaged, 'blob')} saved in ${formatSize(result.bytes_added)}, ${result.blobs_lost} lost.`,
  );
  writePutOff(output, result.put_off);
}

/** As `repairIndexOf`, for snapshots. */
export async function repairSnapshotsOf(
  context: CommandContext,
  snapshots: readonly string[],
  options: SnapshotsCommandOptions,
): Promise<void> {
  const { output, signal } = context;
  if (isPlanFromFile(options)) assertNothingElse([options.removeDamaged, ...snapshots]);
  const repository = await openNamedRepository(options, context.clock);
  const ids = await Promise.all(snapshots.map((wanted) => findSnapshotId(repository, wanted)));
  const plan = isPlanFromFile(options)
    ? await readPlanFile(snapshotRepairPlan, options.plan)
    : await withEngineProgress(context, 'plan', (onProgress) =>
        planSnapshotRepair(repository, {
          ...(ids.length === 0 ? {} : { snapshots: ids }),
          removeDamaged: options.removeDamaged ?? false,
          onProgress,
          signal,
        }),
      );
  output.object({ snapshot_repair_plan: plan });
  writeSnapshotPlan(output, plan);
  if (options.apply !== true) return keepPlan(output, plan, options);
  const result = await withEngineProgress(context, 'repair', (onProgress) =>
    applySnapshotRepair(repository, plan, { onProgress, signal }),
  );
  output.object({ snapshot_repair: result });
  for (const { from, to } of result.repaired)
    output.line(`${from.slice(0, 8)} stands without what is lost as ${to.slice(0, 8)}.`);
  output.line(
    `${output.paint('good', 'Repaired')}: ${formatCounted(result.repaired.length, 'snapshot')}, ${result.removed.length} removed.`,
  );
  writePutOff(
    output,
    result.put_off.map((id) => `snapshots/${id}`),
  );
}

/** Names files that could not be removed yet. */
export function writePutOff(output: Output, files: readonly string[]): void {
  if (files.length === 0) return;
  output.line('The storage protects these for now; apply a new plan when that ends:');
  for (const file of files.slice(0, 5)) output.line(`  ${file}`);
  if (files.length > 5) output.line(`  and ${files.length - 5} more`);
}
