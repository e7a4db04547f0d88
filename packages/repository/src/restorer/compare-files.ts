import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import type { WorkerPool } from '../worker/worker-pool.ts';
import { plainLength } from './plain-length.ts';
import type { ExpectedContent, RestoreNotice, RestoreRequest, RestoreResponse } from './restore-messages.ts';
import type { PlannedFile, RestorePlan } from './restore-plan.ts';

/** Files that a thread compares in one request. */
const filesPerRequest = 64;

/** Compares files in the target with their blobs, in the threads of a pool. Returns those that differ. */
export async function compareFiles(
  pool: WorkerPool<RestoreRequest, RestoreResponse, RestoreNotice>,
  plan: RestorePlan,
  index: BlobIndex,
  files: readonly PlannedFile[],
  pauses: Pauses,
): Promise<{ readonly file: PlannedFile; readonly reason: string }[]> {
  const differing: { readonly file: PlannedFile; readonly reason: string }[] = [];
  const running: Promise<void>[] = [];
  for (let at = 0; at < files.length; at += filesPerRequest) {
    await pauses.pauseIfDue();
    const expected = files.slice(at, at + filesPerRequest).map((file) => expectedContent(file, index));
    await pool.capacity();
    const ended = pool.run({ kind: 'compare', files: expected }).then((response) => {
      for (const { file, reason } of response.differing) {
        const planned = plan.files[file];
        if (planned !== undefined) differing.push({ file: planned, reason });
      }
    });
    ended.catch(() => undefined);
    running.push(ended);
  }
  await Promise.all(running);
  return differing;
}

function expectedContent(file: PlannedFile, index: BlobIndex): ExpectedContent {
  const lengths = file.content.map((id) => {
    const location = index.find('data', id);
    return location === null ? 0 : plainLength(location);
  });
  return { file, lengths };
}
