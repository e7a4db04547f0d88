import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SealingKey } from '../crypto/sealing.ts';
import type { PackContents } from '../format/blob.ts';
import { releaseMemory } from '../release-memory.ts';
import { openStorageLazily } from '../storage/open-storage-lazily.ts';
import type { StorageDescription } from '../storage/storage-description.ts';
import { serveRequests, workerInput } from '../worker/serve-requests.ts';
import { checkPack, type PackFaults } from './check-pack.ts';

/** What each thread that checks packs is given. */
export interface CheckWorkerData {
  readonly storage: StorageDescription;
  readonly key: SealingKey;
}

const { storage: description, key } = (await workerInput()) as CheckWorkerData;
const storage = await openStorageLazily(description);

/** A pack larger than this, in bytes, is not fetched while another one is in memory. Packs of restic are seldom half as large. */
const largestAhead = 32 * 1024 * 1024;

serveRequests<PackContents, PackFaults, Buffer | string | null>(
  async (contents, ahead) => {
    const data = ahead ?? (await fetchPack(contents));
    if (typeof data === 'string') return { faults: [data], blobs: [] };
    try {
      return await checkPack(key, contents, data);
    } finally {
      releaseMemory(data);
    }
  },
  (contents) => (lengthOf(contents) > largestAhead ? null : fetchPack(contents)),
);

/** The bytes of a pack, or why they cannot be had. */
async function fetchPack({ id }: PackContents): Promise<Buffer | string> {
  try {
    return await storage.get('data', id);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    if (error.code === 'STORAGE_FILE_MISSING') return 'it is missing';
    if (error.code === 'FILE_DAMAGED') return 'it ends early';
    throw error;
  }
}

/** Bytes up to the end of the last blob, as the index says. */
function lengthOf({ blobs }: PackContents): number {
  return blobs.reduce((end, { offset, length }) => Math.max(end, offset + length), 0);
}
