import { lstat } from 'node:fs/promises';
import { formatCounted } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { formatSize } from '../format/size.ts';
import { systemErrorCode } from '../files/system-error-code.ts';
import { join } from 'node:path';
import { checkoutFolder } from '../platform/checkout.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import type { StartPlaces } from './start-places.ts';
import type { Story } from './story.ts';
import { makeWorkingCopy } from './working-copy.ts';

/**
 * Makes the working copy of this checkout on the first start: with its node_modules, without the data folder and without
 * git's own folder, which other processes write to. Later starts go on with it as they left it.
 */
export async function prepareSource(story: Story, places: StartPlaces): Promise<void> {
  if (places.sourceIsOwn || (await exists(places.source))) return;
  const { context } = story;
  const startedAt = context.clock.now();
  let files = 0;
  let bytes = 0;
  await withEngineProgress(context, 'working copy', (onProgress) =>
    makeWorkingCopy(checkoutFolder, places.source, {
      // What tests and compilers keep there is larger than the rest and tells nothing.
      leaveOut: [
        places.data,
        places.recovered,
        join(checkoutFolder, '.git'),
        join(checkoutFolder, 'node_modules/.cache'),
      ],
      signal: context.signal,
      onProgress: (progress) => {
        files = progress.files_done;
        bytes = progress.bytes_done;
        onProgress(progress);
      },
    }),
  );
  const seconds = story.secondsSince(startedAt);
  const text = `${formatCounted(files, 'file')}, ${formatSize(bytes)} copied, ${formatDuration(seconds)}`;
  story.done('working copy', text, { folder: places.source, files, bytes });
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
