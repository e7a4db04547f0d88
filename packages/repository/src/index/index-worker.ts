import type { SealingKey } from '../crypto/sealing.ts';
import { scanIndexFile } from '../format/index-scanner.ts';
import { releaseMemory } from '../release-memory.ts';
import { serveRequests, workerInput } from '../worker/serve-requests.ts';
import { BlobIndex, type BlobLocation, type SharedBlobIndex } from './blob-index.ts';
import { openIndexFile } from './open-index-file.ts';

/** What each thread that opens index files is given. */
export interface IndexWorkerData {
  readonly key: SealingKey;
  readonly version: 1 | 2;
  readonly index: SharedBlobIndex;
}

/** An index file to add to the shared index. */
export interface IndexRequest {
  readonly name: string;
  /** Its bytes, sealed as they lie in the storage. */
  readonly sealed: Uint8Array;
  /** Files that are left to add, with this one. */
  readonly left: number;
}

/**
 * Further copies of blobs that were known already; null when nothing was added, because the file has a form that is not
 * scanned, or is damaged.
 */
export type IndexResponse = readonly BlobLocation[] | null;

const { index: shared, ...opened } = (await workerInput()) as IndexWorkerData;
const index = BlobIndex.attach(shared);

serveRequests<IndexRequest, IndexResponse>(({ name, sealed, left }) => {
  const json = openIndexFile(opened, name, sealed);
  const scanned = json === null ? null : scanIndexFile(json);
  if (json !== null) releaseMemory(json);
  // Index files are about as long as each other.
  const copies = scanned === null ? null : index.addScanned(scanned, index.size + scanned.blobCount * left);
  return Promise.resolve(copies);
});
