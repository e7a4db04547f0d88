import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { BlobIndex, type SharedBlobIndex } from '../src/index/blob-index.ts';

/** Claims blobs that other threads claim at the same time, and tells how many it got. */
const { shared, blobs } = workerData as { readonly shared: SharedBlobIndex; readonly blobs: number };
const index = BlobIndex.attach(shared);
let granted = 0;
for (let number = 0; number < blobs; number += 1) {
  if (index.claim('data', createHash('sha256').update(`blob ${number}`).digest())) granted += 1;
}
parentPort?.postMessage(granted);
