import type { HealPlan } from '@enterprise-backup/repository/heal-plan';
import type {
  IndexRepairPlan,
  PackRepairPlan,
  SnapshotRepairPlan,
  Touched,
} from '@enterprise-backup/repository/repair-plan';
import { formatCounted } from '../format/count.ts';
import { safeText } from '../format/safe-text.ts';
import { formatSize } from '../format/size.ts';
import { formatTime } from '../format/time.ts';
import type { Output } from '../output/output.ts';

/** Reasons of one kind that are shown. */
const shown = 10;

/** Writes what an index repair would do. */
export function writeIndexPlan(output: Output, plan: IndexRepairPlan): void {
  writeReasons(output, 'Index files to remove', plan.unreadable);
  writeReasons(output, 'Packs to list', plan.read);
  writeReasons(
    output,
    'Packs to list no longer',
    plan.missing.map((id) => ({ reason: `the pack ${id} is gone` })),
  );
  writeReasons(output, 'Packs that stay as they are: `repair packs` saves what is whole', plan.unusable);
  if (plan.unreadable.length + plan.read.length + plan.missing.length === 0) output.line('The index is right.');
}

/** Writes what a pack repair would do, and what it costs. */
export function writePackPlan(output: Output, plan: PackRepairPlan): void {
  for (const { reason, salvaged, elsewhere, lost } of plan.packs.slice(0, shown)) {
    const fate = `${formatCounted(salvaged, 'blob')} to save, ${elsewhere} elsewhere, ${lost.length} lost`;
    output.line(`${safeText(reason)}: ${fate}`);
  }
  if (plan.packs.length > shown) output.line(`and ${formatCounted(plan.packs.length - shown, 'more pack')}`);
  if (plan.packs.length === 0) output.line('No pack is damaged.');
  writeTouched(output, plan.touched);
}

/** Writes which snapshots would be replaced, and what they have lost. */
export function writeSnapshotPlan(output: Output, plan: SnapshotRepairPlan): void {
  for (const one of plan.repaired) {
    const lost = [
      formatCounted(one.lost_files, 'file'),
      one.lost_folders === 0 ? null : `the content of ${formatCounted(one.lost_folders, 'folder')}`,
      `${formatSize(one.lost_bytes)} of known size`,
    ].filter((part) => part !== null);
    const before = one.repaired_before === null ? '' : `; replaced before by ${one.repaired_before.slice(0, 8)}`;
    output.line(`${one.snapshot_id.slice(0, 8)} of ${formatTime(one.time)} has lost ${lost.join(', ')}${before}:`);
    for (const { path, reason } of one.lost.slice(0, shown)) output.line(`  ${safeText(path)}: ${safeText(reason)}`);
    const more = one.lost_files + one.lost_folders - Math.min(one.lost.length, shown);
    if (more > 0) output.line(`  and ${more} more`);
    if (one.corrected_files > 0)
      output.line(`  and gets the right size of ${formatCounted(one.corrected_files, 'file')}`);
  }
  writeReasons(
    output,
    plan.remove_damaged ? 'Beyond repair, to be removed' : 'Beyond repair, and left as they are',
    plan.beyond_repair,
  );
  if (plan.repaired.length + plan.beyond_repair.length === 0) output.line('No snapshot has lost anything.');
}

/** Writes what a heal would do, and what even the copy does not have. */
export function writeHealPlan(output: Output, plan: HealPlan): void {
  const { files, index_dropped: dropped, packs, snapshots_made: made, lost } = plan;
  output.line(plan.replica ? 'The copy is a replica.' : 'The copy has another key: blobs and snapshots come from it.');
  writeReasons(output, 'To put back', files);
  writeReasons(output, 'Index files to remove', dropped);
  writeReasons(output, 'Packs to replace', packs);
  if (plan.blobs_fetched > 0) output.line(`${formatCounted(plan.blobs_fetched, 'blob')} to fetch.`);
  writeReasons(
    output,
    'Snapshots to make anew',
    made.map(({ original, copy_id: copy }) => ({
      reason: `${original.slice(0, 8)} from ${copy.slice(0, 8)} of the copy`,
    })),
  );
  writeReasons(output, 'Damaged here, and not whole in the copy', lost.files);
  if (lost.blobs.length > 0)
    output.line(output.paint('bad', `${formatCounted(lost.blobs.length, 'blob')} lost in both.`));
  writeTouched(output, lost.touched);
  const work = files.length + dropped.length + packs.length + plan.blobs_fetched + made.length;
  if (work + lost.files.length + lost.blobs.length === 0) output.line('Nothing is damaged.');
}

function writeTouched(output: Output, { points, affected }: Touched): void {
  if (points.length === 0) return;
  const ids = points.slice(0, shown).map((id) => id.slice(0, 8));
  output.line(`What is lost touches ${formatCounted(points.length, 'snapshot')}: ${ids.join(' ')}`);
  for (const path of affected.slice(0, shown)) output.line(`  ${safeText(path)}`);
  if (affected.length > shown) output.line('  and more');
}

function writeReasons(output: Output, title: string, items: readonly { readonly reason: string }[]): void {
  if (items.length === 0) return;
  output.line(`${title} (${items.length}):`);
  for (const { reason } of items.slice(0, shown)) output.line(`  ${safeText(reason)}`);
  if (items.length > shown) output.line(`  and ${items.length - shown} more`);
}
