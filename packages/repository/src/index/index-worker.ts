import { systemClock } from '@enterprise-backup/contracts/clock';
import type { SealingKey } from '../crypto/sealing.ts';
import type { RepositoryConfig } from '../format/config.ts';
import { scanIndexFile } from '../format/index-scanner.ts';
import { releaseMemory } from '../release-memory.ts';
import { Repository } from '../repository.ts';
import { openStorageLazily } from '../storage/open-storage-lazily.ts';
import type { StorageDescription } from '../storage/storage-description.ts';
import { serveRequests, workerInput } from '../worker/serve-requests.ts';
import { BlobIndex, type BlobLocation, type SharedBlobIndex } from './blob-index.ts';

/** What each thread that reads index files is given. */
export interface IndexWorkerData {
  readonly storage: StorageDescription;
  readonly key: SealingKey;
  readonly config: RepositoryConfig & { readonly version: 1 | 2 };
  readonly index: SharedBlobIndex;
}

/** An index file to read into the shared index. */
export interface IndexRequest {
  readonly name: string;
  /** Files that are left to read, with this one. */
  readonly left: number;
}

/** Further copies of blobs that were known already; null when the file has a form that is not scanned, and was not read. */
export type IndexResponse = readonly BlobLocation[] | null;

const { storage, key, config, index: shared } = (await workerInput()) as IndexWorkerData;
const repository = new Repository(await openStorageLazily(storage), { key, name: '' }, config, systemClock);
const index = BlobIndex.attach(shared);

serveRequests<IndexRequest, IndexResponse>(async ({ name, left }) => {
  const json = await repository.loadUnpacked('index', name);
  const scanned = scanIndexFile(json);
  releaseMemory(json);
  // Index files are about as long as each other.
  return scanned === null ? null : index.addScanned(scanned, index.size + scanned.blobCount * left);
});
