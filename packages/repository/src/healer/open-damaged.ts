import type { Clock } from '@enterprise-backup/contracts/clock';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { sameKey, unseal } from '../crypto/sealing.ts';
import { isDamage } from '../damage.ts';
import { findKey, getConfig, openRepository, type OpenOptions } from '../open-repository.ts';
import { readConfig, Repository, type OpenedKey } from '../repository.ts';
import type { Storage } from '../storage/storage.ts';

/** Files that are tried to find out whether a key belongs to a repository. */
const filesTried = 20;

/**
 * Opens a repository whose config or keys may be damaged or gone, with what its replica has of them. The replica must be of
 * the same repository: some file that is still there is in its keys or was sealed with its key, or it is an earlier state of
 * the same place. Throws COPY_UNRELATED when that is not so, PASSWORD_WRONG when the repository has usable keys and none
 * fits, or a STORAGE_ error.
 */
export async function openDamaged(
  storage: Storage,
  password: string,
  copy: Repository,
  clock: Clock,
  options: OpenOptions = {},
): Promise<Repository> {
  try {
    return await openRepository(storage, password, clock, options);
  } catch (error) {
    if (!isMendable(error)) throw error;
    const opened = await openKey(storage, password, copy);
    const config = await readConfig(storage, opened.key).catch((fault: unknown) => {
      if (isMendable(fault)) return null;
      throw fault;
    });
    const isSame = sameKey(opened.key, copy.key) && (config === null || config.id === copy.id);
    if (!isSame || !(await belongsTo(storage, copy))) {
      const sentence = `${copy.storage.location} is no replica of ${storage.location}, which cannot be opened`;
      throw new PlatformError('COPY_UNRELATED', sentence, { cause: error });
    }
    return new Repository(
      storage,
      opened,
      config ?? { ...copy.config, version: copy.version },
      clock,
      options.lockWaitSeconds,
    );
  }
}

/** The key of the repository itself, or, when it has no usable one, that of the replica. */
async function openKey(storage: Storage, password: string, copy: Repository): Promise<OpenedKey> {
  try {
    return await findKey(storage, password, await getConfig(storage));
  } catch (error) {
    if (!isMendable(error)) throw error;
    return { key: copy.key, name: copy.keyName };
  }
}

function isMendable(error: unknown): boolean {
  const codes = ['REPOSITORY_NOT_FOUND', 'CONFIG_DAMAGED', 'KEY_NOT_FOUND'];
  return isDamage(error) || (error instanceof PlatformError && codes.includes(error.code));
}

/** Whether anything in a storage shows that it holds the same repository as its copy. */
async function belongsTo(storage: Storage, copy: Repository): Promise<boolean> {
  // An earlier state of the same bucket, of which nothing may be left.
  if (storage.description.location === copy.storage.description.location) return true;
  const config = await readOrNull(storage, 'config', 'config');
  if (config !== null && unseal(copy.key, config) !== null) return true;
  for await (const { name } of storage.list('keys')) {
    if ((await copy.storage.stat('keys', name)) !== null) return true;
  }
  for (const type of ['snapshots', 'index', 'locks'] as const) {
    let tried = 0;
    for await (const { name } of storage.list(type)) {
      const sealed = await readOrNull(storage, type, name);
      if (sealed !== null && unseal(copy.key, sealed) !== null) return true;
      tried += 1;
      if (tried === filesTried) break;
    }
  }
  return false;
}

async function readOrNull(
  storage: Storage,
  type: 'config' | 'index' | 'locks' | 'snapshots',
  name: string,
): Promise<Buffer | null> {
  try {
    return await storage.get(type, name);
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
}
