import { hash, randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Clock } from '@enterprise-backup/contracts/clock';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { chunkerDegree } from './chunker/chunker-parameters.ts';
import { degree, isIrreducible, randomPolynomial } from './chunker/polynomial.ts';
import { createKeyFile } from './crypto/key-file.ts';
import { createMasterKey, seal, unseal, type SealingKey } from './crypto/sealing.ts';
import { decodeConfig, encodeConfig, type RepositoryConfig } from './format/config.ts';
import { encodeUnpacked } from './format/unpacked.ts';
import type { HeldLock } from './locks.ts';
import { findKey } from './open-repository.ts';
import { releaseMemory } from './release-memory.ts';
import type { FileType, Storage } from './storage/storage.ts';
import { openUnpacked } from './unpacked-file.ts';

/** Files that hold one sealed JSON document each, named by the SHA-256 of the sealed bytes. */
export type UnpackedType = 'index' | 'locks' | 'snapshots';

/** The key of a repository, and the name of the key file that it was found in. */
export interface OpenedKey {
  readonly key: SealingKey;
  readonly name: string;
}

/** The config of a repository whose format version is known here. */
export type OpenedConfig = RepositoryConfig & { readonly version: 1 | 2 };

const damageCodes = { index: 'INDEX_DAMAGED', locks: 'FILE_DAMAGED', snapshots: 'SNAPSHOT_DAMAGED' } as const;

/** An opened repository: its storage, its key and its config. Operations take the lock they need. */
export class Repository {
  readonly storage: Storage;
  readonly key: SealingKey;
  readonly config: RepositoryConfig;
  readonly version: 1 | 2;
  readonly clock: Clock;
  /** Name of the key file that the password opened. */
  readonly keyName: string;
  /** How long operations wait for locks of others. */
  readonly lockWaitSeconds: number;
  /** Locks under which operations of this process work on it now. */
  readonly heldLocks = new Set<HeldLock>();

  constructor(storage: Storage, opened: OpenedKey, config: OpenedConfig, clock: Clock, lockWaitSeconds = 0) {
    this.storage = storage;
    this.key = opened.key;
    this.keyName = opened.name;
    this.config = config;
    this.version = config.version;
    this.clock = clock;
    this.lockWaitSeconds = lockWaitSeconds;
  }

  /** Random id of the repository, 64 hex digits. */
  get id(): string {
    return this.config.id;
  }

  /** Names of all files of a kind, sorted. */
  async listNames(type: FileType): Promise<string[]> {
    const names = [];
    for await (const file of this.storage.list(type)) names.push(file.name);
    return names.sort();
  }

  /**
   * Reads, verifies and decodes a file that holds one JSON document. A file whose bytes do not match its name is read
   * once more, as restic does, before it counts as damaged. Throws STORAGE_ errors, INDEX_DAMAGED, SNAPSHOT_DAMAGED or
   * FILE_DAMAGED.
   */
  async loadUnpacked(type: UnpackedType, name: string): Promise<Buffer> {
    let sealed = await this.storage.get(type, name);
    if (sha256(sealed) !== name) sealed = await this.storage.get(type, name);
    if (sha256(sealed) !== name) {
      throw new PlatformError(damageCodes[type], `${type}/${name} does not hold what its name says`);
    }
    const json = openUnpacked(this.key, this.version, sealed);
    if (json === null) throw new PlatformError(damageCodes[type], `${type}/${name} cannot be decrypted or decoded`);
    return json;
  }

  /** Stores a JSON document and returns its name. */
  async saveUnpacked(type: UnpackedType, json: Uint8Array): Promise<string> {
    const encoded = encodeUnpacked(json, this.version);
    const sealed = seal(this.key, encoded);
    if (encoded !== json) releaseMemory(encoded);
    const name = sha256(sealed);
    await this.storage.put(type, name, sealed);
    return name;
  }
}

/**
 * Creates a repository of format 2 and opens it. Throws REPOSITORY_EXISTS when the place holds one, or parts of one.
 * The key is written first and the config last: a crash between them leaves a key file and no repository. The next
 * attempt with the same password goes on with that key; with another password it is refused, for the file may be all
 * that is left of a repository that lost its config.
 */
export async function initRepository(storage: Storage, password: string, clock: Clock): Promise<Repository> {
  if (password === '') throw new PlatformError('PASSWORD_MISSING', 'the password of a new repository is empty');
  if ((await storage.stat('config', 'config')) !== null) throw occupied(storage);
  for await (const file of storage.list('snapshots')) throw occupied(storage, `snapshots/${file.name}`);
  const opened = (await findLeftKey(storage, password)) ?? (await storeNewKey(storage, password, clock));
  const config = { version: 2, id: randomBytes(32).toString('hex'), polynomial: randomPolynomial() } as const;
  await storage.create('config', 'config', seal(opened.key, encodeConfig(config)));
  return new Repository(storage, opened, config, clock);
}

async function storeNewKey(storage: Storage, password: string, clock: Clock): Promise<OpenedKey> {
  const key = createMasterKey();
  const { name, data } = await createKeyFile(key, password, {
    created: clock.now().toISOString(),
    username: userInfo().username,
    hostname: hostname(),
  });
  await storage.put('keys', name, data);
  return { key, name };
}

/** The key of an attempt that ended before the config was written; null when there is no key file. */
async function findLeftKey(storage: Storage, password: string): Promise<OpenedKey | null> {
  for await (const { name } of storage.list('keys')) {
    try {
      return await findKey(storage, password, null);
    } catch (error) {
      if (error instanceof PlatformError && error.kind === 'access') throw occupied(storage, `keys/${name}`);
      throw error;
    }
  }
  return null;
}

function occupied(storage: Storage, file = 'config'): PlatformError {
  return new PlatformError('REPOSITORY_EXISTS', `${storage.location} holds a repository already (${file})`);
}

/** Reads the config with the repository's key. Throws what `openConfig` throws, STORAGE_FILE_MISSING or another STORAGE_ error. */
export async function readConfig(storage: Storage, key: SealingKey): Promise<OpenedConfig> {
  return openConfig(storage, await storage.get('config', 'config'), key);
}

/** Opens the bytes of the config with the repository's key. Throws CONFIG_DAMAGED or CONFIG_UNSUPPORTED. */
export function openConfig({ location }: Storage, sealed: Uint8Array, key: SealingKey): OpenedConfig {
  const plaintext = unseal(key, sealed);
  const config = plaintext === null ? null : decodeConfig(plaintext);
  if (config === null) {
    throw new PlatformError('CONFIG_DAMAGED', `the config of ${location} cannot be decrypted or decoded`);
  }
  const { version, polynomial } = config;
  if (version !== 1 && version !== 2) {
    throw new PlatformError('CONFIG_UNSUPPORTED', `${location} has the format version ${version}`);
  }
  if (degree(polynomial) !== chunkerDegree || !isIrreducible(polynomial)) {
    throw new PlatformError('CONFIG_DAMAGED', `the config of ${location} has an unusable chunker polynomial`);
  }
  return { ...config, version };
}

function sha256(data: Uint8Array): string {
  return hash('sha256', data, 'hex');
}
