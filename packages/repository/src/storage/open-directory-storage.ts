import { resolve } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { DirectoryStorage } from './directory-storage.ts';
import type { StorageDescription } from './storage-description.ts';
import { TransferLimiter } from './transfer-limiter.ts';

/**
 * Opens a folder as a storage. Nothing is read yet. Throws STORAGE_LOCATION_INVALID, or STORAGE_OPTIONS_INVALID for
 * options that only S3 has.
 */
export function openDirectoryStorage(description: StorageDescription): DirectoryStorage {
  const { location, limits, s3 = {} } = description;
  if (location === '' || location.includes('\0') || /^[a-z0-9]+:/.test(location)) {
    throw new PlatformError(
      'STORAGE_LOCATION_INVALID',
      `${JSON.stringify(location)} is not a location of a repository`,
    );
  }
  const [option] = Object.keys(s3);
  if (option !== undefined) {
    throw new PlatformError('STORAGE_OPTIONS_INVALID', `a folder has no ${describeOption(option)}: only S3 has that`);
  }
  return new DirectoryStorage(
    resolve(location),
    description,
    limits === undefined ? null : new TransferLimiter(limits),
  );
}

function describeOption(name: string): string {
  return name === 'asOf' ? 'earlier state' : `option ${name}`;
}
