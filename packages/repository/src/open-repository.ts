import { hash } from 'node:crypto';
import type { Clock } from '@enterprise-backup/contracts/clock';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { openKeyFile, parseKeyFile, type KeyFile } from './crypto/key-file.ts';
import type { OpenedKey, Repository } from './repository.ts';
import type { Storage } from './storage/storage.ts';

/** How a repository is opened, and used once it is open. */
export interface OpenOptions {
  /** How long operations wait for locks of others before they end with REPOSITORY_LOCKED; by default they do not wait. */
  readonly lockWaitSeconds?: number;
  /**
   * Called while the key is derived, which takes a thread some 300 ms in which this one has nothing to do: what is needed next
   * can be loaded then. What fails in it is passed over.
   */
  readonly whileDeriving?: (storage: Storage) => Promise<void>;
}

/**
 * Opens a repository with the password of any of its keys. Throws REPOSITORY_NOT_FOUND, PASSWORD_WRONG, KEY_NOT_FOUND,
 * CONFIG_DAMAGED, CONFIG_UNSUPPORTED or a STORAGE_ error.
 *
 * This module imports no more than it takes to derive the key: the rest of the engine is loaded while that goes on.
 */
export async function openRepository(
  storage: Storage,
  password: string,
  clock: Clock,
  { lockWaitSeconds = 0, whileDeriving }: OpenOptions = {},
): Promise<Repository> {
  const config = await getConfig(storage);
  if (config === null) {
    throw new PlatformError('REPOSITORY_NOT_FOUND', `there is no repository at ${storage.location}`);
  }
  let isPrepared = false;
  const opened = await findKey(storage, password, config, () => {
    if (isPrepared) return;
    isPrepared = true;
    // A module that cannot be loaded is met when it is used.
    import('./repository.ts').catch(() => undefined);
    whileDeriving?.(storage).catch(() => undefined);
  });
  const { openConfig, Repository } = await import('./repository.ts');
  return new Repository(storage, opened, openConfig(storage, config, opened.key), clock, lockWaitSeconds);
}

/** The bytes of the config, or null when there is none. Throws a STORAGE_ error. */
export async function getConfig(storage: Storage): Promise<Buffer | null> {
  try {
    return await storage.get('config', 'config');
  } catch (error) {
    // A bucket that is missing makes the location invalid where it is read from. Asked for, the config is not there.
    const isAbsence =
      error instanceof PlatformError && ['STORAGE_FILE_MISSING', 'STORAGE_LOCATION_INVALID'].includes(error.code);
    if (isAbsence && (await storage.stat('config', 'config')) === null) return null;
    throw error;
  }
}

/**
 * Tries the password on each key file. Files that are damaged are passed over: one of them must not lock out the others.
 * So is a key that does not open `config`, the bytes of the repository's config or null where it has none, as two attempts
 * to create one repository at a time leave it, unless no key does. Throws PASSWORD_WRONG, or KEY_NOT_FOUND when no key file
 * is whole: no password would be wrong for a damaged one.
 */
export async function findKey(
  storage: Storage,
  password: string,
  config: Uint8Array | null,
  whileDeriving?: () => void,
): Promise<OpenedKey> {
  let prepare = whileDeriving;
  let whole = 0;
  let strange: OpenedKey | null = null;
  for await (const { name } of storage.list('keys')) {
    const read = await readKeyFile(storage, name);
    if (read === null) continue;
    if (read.isWhole) whole += 1;
    const opening = openKeyFile(read.keyFile, password);
    prepare?.();
    prepare = undefined;
    const key = await opening;
    if (key === null) continue;
    const { unseal } = await import('./crypto/sealing.ts');
    if (config === null || unseal(key, config) !== null) return { key, name };
    strange ??= { key, name };
  }
  if (strange !== null) return strange;
  if (whole === 0) throw new PlatformError('KEY_NOT_FOUND', `${storage.location} has no key file that is whole`);
  throw new PlatformError('PASSWORD_WRONG', `the password opens none of the keys of ${storage.location}`);
}

/** Null for a file that is no key, and for one that was removed since it was listed. */
async function readKeyFile(
  storage: Storage,
  name: string,
): Promise<{ readonly keyFile: KeyFile; readonly isWhole: boolean } | null> {
  try {
    const data = await storage.get('keys', name);
    const keyFile = parseKeyFile(data.toString('utf8'));
    return keyFile === null ? null : { keyFile, isWhole: hash('sha256', data, 'hex') === name };
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'STORAGE_FILE_MISSING') return null;
    throw error;
  }
}
