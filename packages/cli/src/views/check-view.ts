import type { CheckOutcome } from '@enterprise-backup/repository/check';
import { formatCounted } from '../format/count.ts';
import { safeText } from '../format/safe-text.ts';
import { formatSize } from '../format/size.ts';
import { formatTime } from '../format/time.ts';
import type { Output } from '../output/output.ts';

const shownAffected = 5;
const shownPoints = 5;
const shortId = 8;

/** Writes what a check has seen and found. */
export function writeCheckOutcome(output: Output, outcome: CheckOutcome): void {
  for (const { code, severity, message, points, affected } of outcome.findings) {
    const heading = severity === 'error' ? output.paint('bad', 'error') : output.paint('weak', 'harmless');
    output.line(`${heading} ${code}: ${safeText(message)}`);
    if (points.length > 0) {
      const ids = points.slice(0, shownPoints).map((id) => id.slice(0, shortId));
      const more = points.length > shownPoints ? ` and ${points.length - shownPoints} more` : '';
      output.line(`  touches ${formatCounted(points.length, 'snapshot')}: ${ids.join(' ')}${more}`);
    }
    for (const item of affected.slice(0, shownAffected)) output.line(`  ${safeText(item)}`);
    if (affected.length > shownAffected) output.line(`  and ${affected.length - shownAffected} more`);
  }
  if (outcome.findings_omitted > 0) output.line(`and ${formatCounted(outcome.findings_omitted, 'more finding')}`);
  const seen = [
    formatCounted(outcome.snapshots, 'snapshot'),
    formatCounted(outcome.packs, 'pack'),
    formatCounted(outcome.blobs, 'blob'),
    `${formatSize(outcome.bytes_read)} read`,
  ];
  if (outcome.packs_marked > 0) {
    const packs = `${formatCounted(outcome.packs_marked, 'pack')}, ${formatSize(outcome.bytes_marked)}`;
    output.line(`Marked by prune, to be deleted after its grace: ${packs}.`);
  }
  const healthy = outcome.findings.every(({ severity }) => severity === 'harmless');
  output.line(
    `${healthy ? output.paint('good', 'No errors found.') : output.paint('bad', 'Errors found.')} ${seen.join(', ')}.`,
  );
  if (outcome.verified === null || outcome.verified.bytes_total === 0) return;
  const { bytes, bytes_total: total, oldest } = outcome.verified;
  const share = Math.floor((bytes / total) * 1000) / 10;
  const since = oldest === null ? 'some data was never read' : `all of it was read since ${formatTime(oldest)}`;
  output.line(`By the state file ${share} % of the data was read in time; ${since}.`);
}
