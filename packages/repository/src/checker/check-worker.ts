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

serveRequests<PackContents, PackFaults, Buffer | null>(
  async (contents, data) => {
    if (data === null) return { faults: ['it is missing'], blobs: [] };
    const faults = await checkPack(key, contents, data);
    releaseMemory(data);
    return faults;
  },
  async ({ id }) => {
    try {
      return await storage.get('data', id);
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code !== 'STORAGE_FILE_MISSING') throw error;
      return null;
    }
  },
);
