import type { PruneResult } from '@enterprise-backup/repository/apply-prune';
import type { UnusedLimit } from '@enterprise-backup/repository/prune-options';
import type { PruneReport } from '@enterprise-backup/repository/prune-plan';
import type { CommandContext } from '../command-context.ts';
import { formatCount, formatCounted } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { formatSize } from '../format/size.ts';
import type { Output } from '../output/output.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { writeFields } from '../views/fields.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

/** What a person may say to the command. `grace` in seconds, sizes in bytes. */
export interface PruneOptions extends RepositoryOptions {
  readonly dryRun?: boolean;
  readonly maxUnused?: UnusedLimit;
  readonly maxRepackSize?: number;
  readonly grace?: number;
}

/** Plans a prune, shows the plan, and applies it unless it is a dry run. Throws what planning, applying and opening throw. */
export async function pruneRepository(context: CommandContext, options: PruneOptions): Promise<void> {
  const { output, signal } = context;
  const dryRun = options.dryRun ?? false;
  const repository = await openNamedRepository(options, context.clock, async () => {
    if (!dryRun) (await import('@enterprise-backup/repository/prepare-prune')).preparePrune();
  });
  const { planPrune } = await import('@enterprise-backup/repository/plan-prune');
  const { applyPrune } = await import('@enterprise-backup/repository/apply-prune');
  const plan = await withEngineProgress(context, 'plan', (onProgress) =>
    planPrune(repository, {
      ...(options.maxUnused === undefined ? {} : { maxUnused: options.maxUnused }),
      ...(options.maxRepackSize === undefined ? {} : { maxRepackBytes: options.maxRepackSize }),
      ...(options.grace === undefined ? {} : { graceSeconds: options.grace }),
      onProgress,
      signal,
    }),
  );
  output.object({ prune_plan: { ...plan.report, decisions: plan.packs() } });
  writeReport(output, plan.report);
  if (dryRun || plan.isEmpty) {
    output.line(plan.isEmpty ? 'There is nothing to do.' : 'Nothing was changed.');
    return;
  }
  const result = await withEngineProgress(context, 'prune', (onProgress) =>
    applyPrune(repository, plan, { onProgress, signal }),
  );
  output.object({ prune: result });
  writeResult(output, result);
}

function writeReport(output: Output, { blobs, bytes, packs, pack_bytes, ...report }: PruneReport): void {
  const amount = (count: number, size: number) => `${formatCounted(count, 'blob')}, ${formatSize(size)}`;
  const inPacks = (action: keyof typeof packs) =>
    packs[action] === 0 ? null : `${formatCounted(packs[action], 'pack')}, ${formatSize(pack_bytes[action])}`;
  output.line(`Plan for ${formatCounted(report.snapshots, 'snapshot')}:`);
  writeFields(output, [
    ['used', amount(blobs.used, bytes.used)],
    ['duplicates', blobs.duplicate === 0 ? null : amount(blobs.duplicate, bytes.duplicate)],
    ['unused', amount(blobs.unused, bytes.unused)],
    ['not in the index', bytes.unindexed === 0 ? null : formatSize(bytes.unindexed)],
    ['keep', inPacks('keep')],
    [
      'repack',
      packs.repack === 0 ? null : `${inPacks('repack') ?? ''}, of which ${formatSize(report.bytes_to_move)} move`,
    ],
    ['mark', inPacks('mark')],
    ['marked, in grace', inPacks('wait')],
    ['delete', inPacks('delete')],
    ['list again', inPacks('recover')],
    ['gone, drop', packs.drop === 0 ? null : formatCounted(packs.drop, 'pack')],
    ['grace', formatDuration(report.grace_seconds)],
  ]);
}

function writeResult(output: Output, result: PruneResult): void {
  output.line(`${output.paint('good', 'Pruned')} in ${formatDuration(result.duration_seconds)}.`);
  writeFields(output, [
    ['written', `${formatCounted(result.packs_written, 'pack')}, ${formatSize(result.bytes_written)}`],
    ['marked', `${formatCounted(result.packs_marked, 'pack')}, ${formatSize(result.bytes_marked)}`],
    ['deleted', `${formatCounted(result.packs_deleted, 'pack')}, ${formatSize(result.bytes_deleted)}`],
    ['listed again', result.packs_recovered === 0 ? null : formatCounted(result.packs_recovered, 'pack')],
  ]);
  if (result.put_off.length === 0) return;
  output.line(
    `The storage protects ${formatCount(result.put_off.length)} of the files for now; a later prune removes them:`,
  );
  for (const file of result.put_off.slice(0, 5)) output.line(`  ${file}`);
}
