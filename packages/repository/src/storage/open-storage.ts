import { openDirectoryStorage } from './open-directory-storage.ts';
import { S3AsOfStorage } from './s3-as-of-storage.ts';
import { S3Connection } from './s3-connection.ts';
import { parseS3Location } from './s3-location.ts';
import { checkS3Options } from './s3-options.ts';
import { S3Storage } from './s3-storage.ts';
import type { StorageDescription } from './storage-description.ts';
import type { Storage } from './storage.ts';
import { TransferLimiter } from './transfer-limiter.ts';

/**
 * Opens a storage: a folder, or S3 as `parseS3Location` reads it. A plain location has no options. Nothing is read yet.
 * Throws STORAGE_LOCATION_INVALID, or STORAGE_OPTIONS_INVALID for options that the place does not have.
 */
export function openStorage(where: string | StorageDescription): Storage {
  const description = typeof where === 'string' ? { location: where } : where;
  const { location, limits, s3 = {} } = description;
  if (!location.startsWith('s3:')) return openDirectoryStorage(description);
  checkS3Options(s3);
  const parsed = parseS3Location(location);
  const connection = new S3Connection(parsed, s3, limits === undefined ? null : new TransferLimiter(limits));
  return s3.asOf === undefined
    ? new S3Storage(description, parsed, connection)
    : new S3AsOfStorage(description, parsed, connection, s3.asOf);
}
