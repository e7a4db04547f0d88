import { resolve } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { DirectoryStorage } from './directory-storage.ts';
import { parseS3Location } from './s3-location.ts';
import { S3Storage } from './s3-storage.ts';
import type { Storage } from './storage.ts';

/** Opens the storage at a location: a folder, or S3 as `parseS3Location` reads it. Throws STORAGE_LOCATION_INVALID. */
export function openStorage(location: string): Storage {
  if (location.startsWith('s3:')) return new S3Storage(parseS3Location(location));
  if (location === '' || location.includes('\0') || /^[a-z0-9]+:/.test(location)) {
    throw new PlatformError(
      'STORAGE_LOCATION_INVALID',
      `${JSON.stringify(location)} is not a location of a repository`,
    );
  }
  return new DirectoryStorage(resolve(location));
}
