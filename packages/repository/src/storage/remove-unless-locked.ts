import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { FileType, Storage } from './storage.ts';

/** Removes a file. Returns false for one that the storage protects for now (S3 Object Lock). Throws a STORAGE_ error. */
export async function removeUnlessLocked(storage: Storage, type: FileType, name: string): Promise<boolean> {
  try {
    await storage.delete(type, name);
    return true;
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'STORAGE_OBJECT_LOCKED') return false;
    throw error;
  }
}
