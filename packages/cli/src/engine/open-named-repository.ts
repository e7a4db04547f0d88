import type { Clock } from '@enterprise-backup/contracts/clock';
import { openStorageLazily } from '@enterprise-backup/repository/open-storage-lazily';
import { openRepository } from '@enterprise-backup/repository/open-repository';
import type { Repository } from '@enterprise-backup/repository/repository';
import type { Storage } from '@enterprise-backup/repository/storage';
import { readPasswordFile } from '../files/read-password-file.ts';
import { describeStorage, type StorageOptions } from './describe-storage.ts';

/** Which repository, and what opens it. */
export interface RepositoryOptions extends StorageOptions {
  readonly passwordFile?: string;
  /** How long to wait for locks of others, in seconds. */
  readonly wait?: number;
}

/**
 * Opens the repository that the options name; `whileDeriving` is called as `openRepository` calls it. Throws
 * PASSWORD_MISSING, CLI_USAGE, STORAGE_LOCATION_INVALID, STORAGE_OPTIONS_INVALID and what opening throws.
 */
export async function openNamedRepository(
  options: RepositoryOptions,
  clock: Clock,
  whileDeriving?: (storage: Storage) => Promise<void>,
): Promise<Repository> {
  const password = await readPasswordFile(options.passwordFile);
  return openRepository(await openStorageLazily(describeStorage(options)), password, clock, {
    lockWaitSeconds: options.wait ?? 0,
    ...(whileDeriving === undefined ? {} : { whileDeriving }),
  });
}
