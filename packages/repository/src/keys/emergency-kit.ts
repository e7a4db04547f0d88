import { PlatformError } from '@enterprise-backup/contracts/errors';
import { openKeyFile, parseKeyFile } from '../crypto/key-file.ts';
import { sameKey } from '../crypto/sealing.ts';
import { displayPath } from '../display-path.ts';
import { readSnapshots } from '../readable-snapshots.ts';
import type { Repository } from '../repository.ts';
import { listKeys, type KeyEntry } from './list-keys.ts';

/** Points that a kit names. */
const pointsNamed = 5;

export interface EmergencyKitOptions {
  /** The password, to be written into the kit: whoever holds that kit can read everything. Without it a line is left empty. */
  readonly password?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a person needs to restore with stock restic when everything else is gone. */
export interface EmergencyKit {
  readonly made_at: string;
  /** As restic takes it. */
  readonly location: string;
  readonly repository_id: string;
  readonly version: 1 | 2;
  /** The key whose file is in the kit. */
  readonly key: KeyEntry;
  readonly other_keys: readonly KeyEntry[];
  readonly password: string | null;
  /** The newest points, newest first. */
  readonly points: readonly KitPoint[];
  /** The key file as it is stored, JSON in one line: worth nothing without the password, and the password nothing without it. */
  readonly key_file: string;
  /** The file `config` as it is stored, in base64. */
  readonly config: string;
}

/** A point that a kit names. Text from snapshots, with control characters escaped. */
export interface KitPoint {
  readonly id: string;
  readonly time: string;
  readonly host: string;
  readonly paths: string;
}

/**
 * Collects an emergency kit for the key that opened the repository. Takes no lock: it only reads. Throws PASSWORD_WRONG when
 * the password to be written into it is not the one of that key, KEY_NOT_FOUND when its file is gone or damaged, CANCELLED
 * or a STORAGE_ error.
 */
export async function makeEmergencyKit(
  repository: Repository,
  options: EmergencyKitOptions = {},
): Promise<EmergencyKit> {
  const { storage, key, keyName, clock } = repository;
  const signal = options.signal ?? new AbortController().signal;
  const keys = await listKeys(repository);
  const current = keys.find((entry) => entry.current);
  if (current?.fault !== null) {
    throw new PlatformError('KEY_NOT_FOUND', `the key file ${keyName}, which opened the repository, cannot be read`);
  }
  const keyFile = (await storage.get('keys', keyName)).toString('utf8');
  if (options.password !== undefined) {
    const parsed = parseKeyFile(keyFile);
    const opened = parsed === null ? null : await openKeyFile(parsed, options.password);
    if (opened === null || !sameKey(opened, key)) {
      throw new PlatformError('PASSWORD_WRONG', `the password is not the one of the key ${keyName}`);
    }
  }
  const { entries } = await readSnapshots(repository, signal);
  const newest = entries.sort((left, right) => (left.snapshot.time < right.snapshot.time ? 1 : -1));
  // Whoever can write into the storage writes these: a line break in them must not become a line of the kit.
  const shown = (text: string) => displayPath(Buffer.from(text));
  const shownKey = (entry: KeyEntry): KeyEntry => ({
    ...entry,
    created: shown(entry.created),
    username: shown(entry.username),
    hostname: shown(entry.hostname),
  });
  return {
    made_at: clock.now().toISOString(),
    location: storage.location,
    repository_id: repository.id,
    version: repository.version,
    key: shownKey(current),
    other_keys: keys.filter((entry) => !entry.current).map(shownKey),
    password: options.password ?? null,
    points: newest.slice(0, pointsNamed).map(({ id, snapshot }) => ({
      id: id.slice(0, 8),
      time: shown(snapshot.time),
      host: shown(snapshot.hostname ?? ''),
      paths: shown((snapshot.paths ?? []).join(' ')),
    })),
    key_file: keyFile,
    config: (await storage.get('config', 'config')).toString('base64'),
  };
}
