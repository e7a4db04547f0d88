import { hash } from 'node:crypto';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { parseKeyFile } from '../crypto/key-file.ts';
import type { Repository } from '../repository.ts';

/** A key file of a repository. */
export interface KeyEntry {
  /** Name of the file in `keys/`, 64 hex digits. */
  readonly id: string;
  /** When and by whom it was made, as it says itself; empty where it says nothing. */
  readonly created: string;
  readonly username: string;
  readonly hostname: string;
  /** Whether the password in use opened this one. */
  readonly current: boolean;
  /** Why no password opens it, as a sentence; null when it can be read. */
  readonly fault: string | null;
}

/** All key files, the oldest first. Takes no lock: it only reads. Throws a STORAGE_ error. */
export async function listKeys(repository: Repository): Promise<KeyEntry[]> {
  const entries: KeyEntry[] = [];
  for (const id of await repository.listNames('keys')) {
    const entry = await describeKey(repository, id);
    if (entry !== null) entries.push(entry);
  }
  const byTime = (left: KeyEntry, right: KeyEntry) => left.created.localeCompare(right.created);
  return entries.sort((left, right) => byTime(left, right) || (left.id < right.id ? -1 : 1));
}

/** Finds a key by its id or a prefix that only one has. Throws KEY_UNKNOWN, KEY_AMBIGUOUS or a STORAGE_ error. */
export async function findKeyEntry(repository: Repository, wanted: string): Promise<KeyEntry> {
  const isPrefix = /^[0-9a-f]{1,64}$/.test(wanted);
  const matches = isPrefix ? (await listKeys(repository)).filter(({ id }) => id.startsWith(wanted)) : [];
  const [match, ...others] = matches;
  if (match === undefined) throw new PlatformError('KEY_UNKNOWN', `no key has an id that starts with ${wanted}`);
  if (others.length === 0) return match;
  throw new PlatformError('KEY_AMBIGUOUS', `${matches.length} keys have ids that start with ${wanted}`);
}

/** Null for a key that was removed since it was listed. */
async function describeKey(repository: Repository, id: string): Promise<KeyEntry | null> {
  let data: Buffer;
  try {
    data = await repository.storage.get('keys', id);
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'STORAGE_FILE_MISSING') return null;
    throw error;
  }
  const parsed = parseKeyFile(data.toString('utf8'));
  const isNamedRightly = hash('sha256', data, 'hex') === id;
  return {
    id,
    created: parsed?.created ?? '',
    username: parsed?.username ?? '',
    hostname: parsed?.hostname ?? '',
    current: id === repository.keyName,
    fault:
      parsed === null
        ? `the key file ${id} cannot be read`
        : isNamedRightly
          ? null
          : `the key file ${id} does not hold what its name says`,
  };
}
