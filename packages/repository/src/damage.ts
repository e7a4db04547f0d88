import { PlatformError } from '@enterprise-backup/contracts/errors';

/** Tells whether something cannot be read because it is damaged or gone, as opposed to a storage that does not answer. */
export function isDamage(error: unknown): error is PlatformError {
  return error instanceof PlatformError && (error.kind === 'damage' || error.code === 'STORAGE_FILE_MISSING');
}
