import { openDirectoryStorage } from './open-directory-storage.ts';
import type { StorageDescription } from './storage-description.ts';
import type { Storage } from './storage.ts';

/**
 * Opens a storage as `openStorage` does. The client of S3 takes a quarter of a second to load, in each thread anew: it is
 * left out where the storage is a folder.
 */
export async function openStorageLazily(description: StorageDescription): Promise<Storage> {
  if (description.location.startsWith('s3:')) return (await import('./open-storage.ts')).openStorage(description);
  return openDirectoryStorage(description);
}
