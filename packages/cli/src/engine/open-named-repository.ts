import type { Clock } from '@enterprise-backup/contracts/clock';
import { openStorage } from '@enterprise-backup/repository/open-storage';
import { openRepository, type Repository } from '@enterprise-backup/repository/repository';
import { readPasswordFile } from '../files/read-password-file.ts';

/** Which repository, and what opens it. */
export interface RepositoryOptions {
  readonly repository: string;
  readonly passwordFile?: string;
}

/** Opens the repository that the options name. Throws PASSWORD_MISSING, STORAGE_LOCATION_INVALID and what opening throws. */
export async function openNamedRepository(options: RepositoryOptions, clock: Clock): Promise<Repository> {
  const password = await readPasswordFile(options.passwordFile);
  return openRepository(openStorage(options.repository), password, clock);
}
