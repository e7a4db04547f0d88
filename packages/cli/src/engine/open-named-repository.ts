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
  whileDeriving?: (storage: Storage) => void,
): Promise<Repository> {
  const password = await readPasswordFile(options.passwordFile);
  return openRepository(await openStorageLazily(describeStorage(options)), password, clock, {
    lockWaitSeconds: options.wait ?? 0,
    ...(whileDeriving === undefined ? {} : { whileDeriving }),
  });
}

/**
 * Opens the repository that the options name, and has `load` load what is to work on it while the key is derived. Throws what
 * `openNamedRepository` throws.
 */
export async function openAndLoad<Engine>(
  options: RepositoryOptions,
  clock: Clock,
  load: (storage: Storage) => Promise<Engine>,
): Promise<{ readonly repository: Repository; readonly engine: Engine }> {
  let loading: Promise<Engine> | undefined;
  const repository = await openNamedRepository(options, clock, (storage) => {
    loading ??= load(storage);
    // A failure to load is met below.
    loading.catch(() => undefined);
  });
  return { repository, engine: await (loading ?? load(repository.storage)) };
}
