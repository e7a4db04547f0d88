import type { PointDifference } from '@enterprise-backup/repository/file-history';
import { findSnapshot } from '@enterprise-backup/repository/snapshots';
import type { CommandContext } from '../command-context.ts';
import { formatCounted } from '../format/count.ts';
import { safeText } from '../format/safe-text.ts';
import { formatSize } from '../format/size.ts';
import { writeFields } from '../views/fields.ts';
import { withHistory, type HistoryOptions } from './open-history.ts';

const marks: Readonly<Record<PointDifference['change'], string>> = {
  added: '+',
  removed: '-',
  changed: 'M',
  metadata: 'U',
};

/** What a person may say to the command. */
export interface CompareOptions extends HistoryOptions {
  readonly metadata?: boolean;
}

/** Shows what differs between two snapshots. Throws what opening and the engine throw. */
export async function compareSnapshots(
  context: CommandContext,
  before: string,
  after: string,
  options: CompareOptions,
): Promise<void> {
  const { output } = context;
  await withHistory(context, options, async (history, repository) => {
    const [first, second] = [await findSnapshot(repository, before), await findSnapshot(repository, after)];
    const all = await history.compare(first.id, second.id);
    const shown = all.filter(({ change }) => change !== 'metadata' || options.metadata === true);
    for (const { sizeBefore, sizeAfter, ...difference } of shown) {
      output.object({ difference: { ...difference, size_before: sizeBefore, size_after: sizeAfter } });
      output.line(`${marks[difference.change]}  ${safeText(difference.path)}${difference.type === 'dir' ? '/' : ''}`);
    }
    const summary = summarize(all);
    output.object({ summary });
    const amount = (count: number, bytes: number) =>
      `${formatCounted(count, 'entry', 'entries')}, ${formatSize(bytes)}`;
    writeFields(output, [
      ['added', amount(summary.added, summary.bytes_added)],
      ['removed', amount(summary.removed, summary.bytes_removed)],
      [
        'changed',
        `${amount(summary.changed, summary.bytes_changed_after)} now, ${formatSize(summary.bytes_changed_before)} before`,
      ],
      ['metadata alone', formatCounted(summary.metadata, 'entry', 'entries')],
    ]);
  });
}

function summarize(differences: readonly PointDifference[]) {
  const of = (change: PointDifference['change']) => differences.filter((difference) => difference.change === change);
  const sum = (list: readonly PointDifference[], side: 'sizeBefore' | 'sizeAfter') =>
    list.reduce((bytes, difference) => bytes + (difference[side] ?? 0), 0);
  const changed = of('changed');
  return {
    added: of('added').length,
    bytes_added: sum(of('added'), 'sizeAfter'),
    removed: of('removed').length,
    bytes_removed: sum(of('removed'), 'sizeBefore'),
    changed: changed.length,
    bytes_changed_before: sum(changed, 'sizeBefore'),
    bytes_changed_after: sum(changed, 'sizeAfter'),
    metadata: of('metadata').length,
  };
}
