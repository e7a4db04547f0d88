import { hostname as ownHostname, userInfo } from 'node:os';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { createKeyFile, openKeyFile, parseKeyFile } from '../crypto/key-file.ts';
import { sameKey } from '../crypto/sealing.ts';
import { confirmLocks, withLock } from '../locks.ts';
import { throwIfAborted } from '../pauses.ts';
import type { Repository } from '../repository.ts';
import { removeUnlessLocked } from '../storage/remove-unless-locked.ts';
import { findKeyEntry, listKeys, type KeyEntry } from './list-keys.ts';

/** Whose key it is, for a person who lists keys. */
export interface NewKeyOptions {
  /** Defaults to the user of this process. */
  readonly username?: string | undefined;
  /** Defaults to this machine's. */
  readonly hostname?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a change of keys did. */
export interface KeyChange {
  /** Id of the key that was added. */
  readonly added: string;
  readonly removed: readonly string[];
  /** Keys that the storage protects for now: their passwords still open the repository. */
  readonly put_off: readonly string[];
}

/**
 * Adds a key: a further password that opens the repository. The new file is read back and opened with the new password
 * before this returns. Throws PASSWORD_MISSING for an empty one, FILE_DAMAGED when the stored file does not open,
 * REPOSITORY_LOCKED, CANCELLED or a STORAGE_ error.
 */
export async function addKey(repository: Repository, password: string, options: NewKeyOptions = {}): Promise<string> {
  assertUsable(password);
  return withLock(repository, 'shared', options.signal, () => storeKey(repository, password, options));
}

/**
 * Removes a key, named by its id or a prefix of it. Throws KEY_IN_USE for the one that opened the repository, KEY_LAST when
 * that one can no longer be read, so that nothing would open the repository, KEY_UNKNOWN, KEY_AMBIGUOUS,
 * STORAGE_OBJECT_LOCKED, REPOSITORY_LOCKED, CANCELLED or a STORAGE_ error.
 */
export async function removeKey(
  repository: Repository,
  wanted: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<KeyEntry> {
  return withLock(repository, 'exclusive', options.signal, async (signal) => {
    const entry = await findKeyEntry(repository, wanted);
    if (entry.current) {
      throw new PlatformError('KEY_IN_USE', `the key ${entry.id} is the one that opened the repository`);
    }
    await assertStandsAlone(repository);
    throwIfAborted(signal);
    await repository.storage.delete('keys', entry.id);
    return entry;
  });
}

/**
 * Replaces the password in use: adds a key for the new one, then removes the key that opened the repository. Other keys
 * stay. The new key stands and was proven before the old one goes, so a crash in between leaves both: either password opens
 * the repository, and the change can be made again with any of them. The other order could leave none.
 *
 * The repository's own key is not changed: who has a copy of the old key file and its password can read a copy of the
 * data. Throws as `addKey` does.
 */
export function changePassword(
  repository: Repository,
  password: string,
  options: NewKeyOptions = {},
): Promise<KeyChange> {
  return replaceKeys(repository, password, options, (entry) => entry.current);
}

/**
 * Makes one password the only one: adds a key for it, then removes all others, the one in use last. Same order, same
 * reason and same limit as `changePassword`.
 */
export function rotateKeys(repository: Repository, password: string, options: NewKeyOptions = {}): Promise<KeyChange> {
  return replaceKeys(repository, password, options, () => true);
}

async function replaceKeys(
  repository: Repository,
  password: string,
  options: NewKeyOptions,
  goes: (entry: KeyEntry) => boolean,
): Promise<KeyChange> {
  assertUsable(password);
  return withLock(repository, 'exclusive', options.signal, async (signal) => {
    const before = (await listKeys(repository)).filter(goes);
    const added = await storeKey(repository, password, options);
    const removed: string[] = [];
    const putOff: string[] = [];
    // The one in use goes last: until then whoever repeats the change after a crash can do so with its password.
    for (const { id } of before.sort((left, right) => Number(left.current) - Number(right.current))) {
      throwIfAborted(signal);
      ((await removeUnlessLocked(repository.storage, 'keys', id)) ? removed : putOff).push(id);
    }
    return { added, removed, put_off: putOff };
  });
}

function assertUsable(password: string): void {
  if (password === '') throw new PlatformError('PASSWORD_MISSING', 'the new password is empty');
}

/** Stores a key file and proves that the password opens what the storage gives back. */
async function storeKey(repository: Repository, password: string, options: NewKeyOptions): Promise<string> {
  const { storage, key, clock } = repository;
  const { name, data } = await createKeyFile(key, password, {
    created: clock.now().toISOString(),
    username: options.username ?? userInfo().username,
    hostname: options.hostname ?? ownHostname(),
  });
  await confirmLocks(repository);
  await storage.put('keys', name, data);
  const stored = parseKeyFile((await storage.get('keys', name)).toString('utf8'));
  const opened = stored === null ? null : await openKeyFile(stored, password);
  if (opened !== null && sameKey(opened, key)) return name;
  await storage.delete('keys', name);
  throw new PlatformError('FILE_DAMAGED', `the new key file ${name} does not open at ${storage.location}`);
}

/** Makes sure that the key in use is still there and whole. Throws KEY_LAST. */
async function assertStandsAlone(repository: Repository): Promise<void> {
  const current = (await listKeys(repository)).find((entry) => entry.current);
  if (current?.fault === null) return;
  const sentence = `the key ${repository.keyName}, which opened the repository, can no longer be read`;
  throw new PlatformError('KEY_LAST', sentence);
}
