import { DirectoryStorage } from './directory-storage.ts';
import type { StorageDescription } from './storage-description.ts';
import type { Storage } from './storage.ts';
import { TransferLimiter } from './transfer-limiter.ts';

/**
 * Opens a storage that the main thread has opened already, by its description. The client of S3 takes a quarter of a
 * second to load, in each thread anew: it is left out where the storage is a folder.
 */
export async function openStorageInThread(description: StorageDescription): Promise<Storage> {
  if (description.location.startsWith('s3:')) return (await import('./open-storage.ts')).openStorage(description);
  const { location, limits } = description;
  return new DirectoryStorage(location, description, limits === undefined ? null : new TransferLimiter(limits));
}
