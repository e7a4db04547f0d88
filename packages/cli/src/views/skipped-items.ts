import type { SkippedItem } from '@enterprise-backup/contracts/tasks';
import { formatCount, formatCounted } from '../format/count.ts';
import { safeText } from '../format/safe-text.ts';
import type { Output } from '../output/output.ts';

const shown = 10;

/** Says what was left out and why: the first items, and how many there are in all. Says nothing about none. */
export function writeSkippedItems(output: Output, heading: string, items: readonly SkippedItem[], total: number): void {
  if (total === 0) return;
  output.line(`${output.paint('bad', heading)} ${formatCounted(total, 'item')}`);
  for (const item of items.slice(0, shown)) {
    output.line(`  ${safeText(item.path)}: ${item.code}, ${safeText(item.message)}`);
  }
  if (total > shown) output.line(`  and ${formatCount(total - Math.min(shown, items.length))} more`);
}
