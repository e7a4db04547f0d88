import { check } from '@enterprise-backup/repository/check';
import { assertNoErrors } from '../engine/check-repository.ts';
import { openNamedRepository } from '../engine/open-named-repository.ts';
import { formatCounted } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { formatSize } from '../format/size.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { writeCheckOutcome } from '../views/check-view.ts';
import type { Story } from './story.ts';
import { checkRow } from './summary-rows.ts';

/** Checks the repository, every byte of it, and tells about it. Throws FINDINGS when anything is wrong, CANCELLED on Ctrl-C. */
export async function checkRepository(story: Story, location: string, passwordFile: string): Promise<void> {
  const { context } = story;
  const { clock, output, signal } = context;
  const startedAt = clock.now();
  const repository = await openNamedRepository({ repository: location, passwordFile }, clock);
  const outcome = await withEngineProgress(context, 'check', (onProgress) =>
    check(repository, { readData: true, onProgress, signal }),
  );
  const seconds = story.secondsSince(startedAt);
  story.rows.push(checkRow('check', outcome, seconds));
  if (outcome.findings.length > 0) {
    output.object({ check: outcome });
    writeCheckOutcome(output, outcome);
    assertNoErrors(outcome);
  }
  const text = [
    `${formatCounted(outcome.snapshots, 'snapshot')}, ${formatCounted(outcome.packs, 'pack')}`,
    `${formatSize(outcome.bytes_read)} read: no errors`,
    formatDuration(seconds),
  ].join(', ');
  story.done('check', text, { ...outcome });
}
