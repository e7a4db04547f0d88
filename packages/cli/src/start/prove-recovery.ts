import { PlatformError } from '@enterprise-backup/contracts/errors';
import { compareFolders, type Difference } from '@enterprise-backup/sources/compare-folders';
import { formatCount, formatCounted } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { safeText } from '../format/safe-text.ts';
import { formatSize } from '../format/size.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import type { MadeBackup } from './back-up-source.ts';
import { explainDifferences } from './explain-differences.ts';
import type { StartPlaces } from './start-places.ts';
import type { Story } from './story.ts';
import { comparisonRow } from './summary-rows.ts';

const shown = 20;
/** Of a source that others write to, all differences are looked at, up to this number. */
const keptOfOwnSource = 10_000;

/**
 * Compares the recovered folder with the source, byte for byte and with all metadata, and tells about it. In the working
 * copy no difference is allowed. A person's source may change while it is protected: such differences are told, and do not
 * count. Throws PROOF_FAILED after naming the differences, CANCELLED on Ctrl-C.
 */
export async function proveRecovery(
  story: Story,
  places: StartPlaces,
  newest: MadeBackup,
  recovered: string,
): Promise<void> {
  const { context } = story;
  const { clock, signal } = context;
  const { evidence } = newest.point;
  const startedAt = clock.now();
  const outcome = await withEngineProgress(context, 'comparison', (onProgress) =>
    compareFolders(places.source, recovered, {
      owners: process.getuid?.() === 0,
      differencesKept: places.sourceIsOwn ? keptOfOwnSource : shown,
      signal,
      // The size of the point is the total, which the comparison itself cannot know before its end.
      onProgress: (progress) => {
        onProgress({ ...progress, bytes_total: Math.max(evidence.bytes_processed, progress.bytes_done) });
      },
    }),
  );
  const { unexplained, changedSince, leftOut } = places.sourceIsOwn
    ? await explainDifferences(outcome.differences, {
        path: places.source,
        backupStartedAt: new Date(newest.job.started_at ?? newest.job.created_at),
        skipped: evidence.skipped,
      })
    : { unexplained: outcome.differences, changedSince: [], leftOut: [] };
  const unseen = outcome.difference_count - outcome.differences.length;
  const seconds = story.secondsSince(startedAt);
  story.rows.push(comparisonRow('comparison', outcome, seconds));

  if (unexplained.length + unseen > 0) {
    writeDifferences(story, unexplained);
    const count = formatCounted(unexplained.length + unseen, 'difference');
    throw new PlatformError('PROOF_FAILED', `${recovered} has ${count} from ${places.source}`);
  }
  const identical = changedSince.length === 0 && leftOut.length === 0;
  const text = [
    `${formatCounted(outcome.entries, 'entry', 'entries')}, ${formatSize(outcome.bytes)}: ` +
      (identical ? 'identical' : 'as in the point'),
    formatDuration(seconds),
  ].join(', ');
  story.done('comparison', text, {
    ...{ source: places.source, folder: recovered, identical, entries: outcome.entries, files: outcome.files },
    ...{ bytes: outcome.bytes, attributes_compared: outcome.attributes_compared },
    ...{ changed_since_backup: changedSince.length, left_out: leftOut.length },
  });
  if (!outcome.attributes_compared)
    story.note('extended attributes cannot be read on this machine and were not compared');
  if (changedSince.length > 0) {
    story.note(`${formatCounted(changedSince.length, 'difference')}: the source was changed after the backup began`);
  }
  if (leftOut.length > 0)
    story.note(`${formatCounted(leftOut.length, 'difference')}: left out of the point, as told above`);
}

function writeDifferences(story: Story, differences: readonly Difference[]): void {
  const { output } = story.context;
  output.object({ differences: differences.slice(0, shown) });
  for (const { path, what, expected, actual } of differences.slice(0, shown)) {
    output.line(safeText(`   ${path}: ${what}, ${expected} in the source, ${actual} in the recovered folder`));
  }
  if (differences.length > shown) output.line(`   and ${formatCount(differences.length - shown)} more`);
}
