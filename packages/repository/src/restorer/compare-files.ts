import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import type { WorkerPool } from '../worker/worker-pool.ts';
import { plainLengthAt } from './plain-length.ts';
import type { ExpectedContent, RestoreNotice, RestoreRequest, RestoreResponse } from './restore-messages.ts';
import type { PlannedFile } from './restore-plan.ts';

/** Threads that work on the target of a restore. */
export type RestorePool = WorkerPool<RestoreRequest, RestoreResponse, RestoreNotice>;

/** Files that a thread takes in one request. */
export const filesPerRequest = 64;

/** Compares files in the target with their blobs, in the threads of a pool. Returns those that differ. */
export async function compareFiles(
  pool: RestorePool,
  index: BlobIndex,
  files: readonly PlannedFile[],
  pauses: Pauses,
): Promise<{ readonly file: PlannedFile; readonly reason: string }[]> {
  const differing: { readonly file: PlannedFile; readonly reason: string }[] = [];
  const byNumber = new Map(files.map((file) => [file.number, file]));
  await runInBatches(pool, files, pauses, (batch) => ({
    request: { kind: 'compare', files: batch.map((file) => expectedContent(file, index)) },
    take: (response) => {
      for (const { file, reason } of response.differing) {
        const planned = byNumber.get(file);
        if (planned !== undefined) differing.push({ file: planned, reason });
      }
    },
  }));
  return differing;
}

/** Hands files to the threads, some at a time, and waits for all answers. */
export async function runInBatches<Item>(
  pool: RestorePool,
  items: readonly Item[],
  pauses: Pauses,
  prepare: (batch: readonly Item[]) => {
    readonly request: RestoreRequest;
    readonly take: (response: RestoreResponse) => void;
  },
): Promise<void> {
  const running: Promise<void>[] = [];
  for (let at = 0; at < items.length; at += filesPerRequest) {
    await pauses.pauseIfDue();
    const { request, take } = prepare(items.slice(at, at + filesPerRequest));
    await pool.capacity();
    const ended = pool.run(request).then(take);
    ended.catch(() => undefined);
    running.push(ended);
  }
  await Promise.all(running);
}

/** What a file ought to hold. A blob that no index lists has the length 0. */
export function expectedContent({ content, ...file }: PlannedFile, index: BlobIndex): ExpectedContent {
  return {
    file,
    content: content.map((blob) => index.blobAt(blob).id),
    lengths: content.map((blob) => plainLengthAt(index, blob) ?? 0),
  };
}
