import { hash, randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Clock } from '@enterprise-backup/contracts/clock';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { chunkerDegree } from './chunker/chunker-parameters.ts';
import { degree, isIrreducible, randomPolynomial } from './chunker/polynomial.ts';
import { createKeyFile, createMasterKey, openKeyFile, parseKeyFile, type KeyFile } from './crypto/key-file.ts';
import { seal, unseal, type SealingKey } from './crypto/sealing.ts';
import type { BlobType, PackedBlob } from './format/blob.ts';
import { decompressBlob } from './format/blob-compression.ts';
import { decodeConfig, encodeConfig, type RepositoryConfig } from './format/config.ts';
import { decodeUnpacked, encodeUnpacked } from './format/unpacked.ts';
import type { HeldLock } from './locks.ts';
import { releaseMemory } from './release-memory.ts';
import type { FileType, Storage } from './storage/storage.ts';

/** Files that hold one sealed JSON document each, named by the SHA-256 of the sealed bytes. */
export type UnpackedType = 'index' | 'locks' | 'snapshots';

/** The key of a repository, and the name of the key file that it was found in. */
export interface OpenedKey {
  readonly key: SealingKey;
  readonly name: string;
}

const damageCodes = { index: 'INDEX_DAMAGED', locks: 'FILE_DAMAGED', snapshots: 'SNAPSHOT_DAMAGED' } as const;

/** How a repository is used once it is open. */
export interface OpenOptions {
  /** How long operations wait for locks of others before they end with REPOSITORY_LOCKED; by default they do not wait. */
  readonly lockWaitSeconds?: number;
}

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

  constructor(
    storage: Storage,
    opened: OpenedKey,
    config: RepositoryConfig & { readonly version: 1 | 2 },
    clock: Clock,
    { lockWaitSeconds = 0 }: OpenOptions = {},
  ) {
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
    const plaintext = unseal(this.key, sealed);
    const json = plaintext === null ? null : decodeUnpacked(plaintext, this.version);
    if (json === null) throw new PlatformError(damageCodes[type], `${type}/${name} cannot be decrypted or decoded`);
    releaseMemory(sealed);
    if (plaintext !== null && plaintext.buffer !== json.buffer) releaseMemory(plaintext);
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

/** What was unsealed last for a caller that needs it no longer than until the next call. */
let lastUnsealed: Buffer | null = null;

/**
 * Opens the sealed bytes of a blob: verifies the tag, decompresses, and compares with the id. Returns what is wrong as
 * a sentence's end when anything does not fit; wrong bytes are never returned. With `reuse`, they are valid until the next
 * such call of this thread.
 */
export function openBlob(key: SealingKey, blob: PackedBlob, sealed: Uint8Array, reuse = false): Buffer | string {
  if (reuse && lastUnsealed !== null) releaseMemory(lastUnsealed);
  const stored = unseal(key, sealed);
  if (reuse) lastUnsealed = stored;
  if (stored === null) return 'its authentication tag does not match';
  let plaintext: Buffer | null = stored;
  if (blob.uncompressedLength !== 0) {
    plaintext = decompressBlob(stored, blob.uncompressedLength, reuse);
    if (plaintext === null) return 'it cannot be decompressed, or not to its recorded length';
  }
  return sha256(plaintext) === blob.id ? plaintext : 'its content does not match its id';
}

/** A word for a blob in a sentence to a person. */
export function describeBlob(type: BlobType, id: string): string {
  return `the ${type} blob ${id}`;
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
      return await findKey(storage, password);
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

/**
 * Opens a repository with the password of any of its keys. Throws REPOSITORY_NOT_FOUND, PASSWORD_WRONG, KEY_NOT_FOUND,
 * CONFIG_DAMAGED, CONFIG_UNSUPPORTED or a STORAGE_ error.
 */
export async function openRepository(
  storage: Storage,
  password: string,
  clock: Clock,
  options: OpenOptions = {},
): Promise<Repository> {
  if ((await storage.stat('config', 'config')) === null) {
    throw new PlatformError('REPOSITORY_NOT_FOUND', `there is no repository at ${storage.location}`);
  }
  const opened = await findKey(storage, password);
  return new Repository(storage, opened, await readConfig(storage, opened.key), clock, options);
}

/**
 * Reads the config with the repository's key. Throws CONFIG_DAMAGED, CONFIG_UNSUPPORTED, STORAGE_FILE_MISSING or another
 * STORAGE_ error.
 */
export async function readConfig(
  storage: Storage,
  key: SealingKey,
): Promise<RepositoryConfig & { readonly version: 1 | 2 }> {
  const sealed = await storage.get('config', 'config');
  const plaintext = unseal(key, sealed);
  const config = plaintext === null ? null : decodeConfig(plaintext);
  if (config === null) {
    throw new PlatformError('CONFIG_DAMAGED', `the config of ${storage.location} cannot be decrypted or decoded`);
  }
  const { version, polynomial } = config;
  if (version !== 1 && version !== 2) {
    throw new PlatformError('CONFIG_UNSUPPORTED', `${storage.location} has the format version ${version}`);
  }
  if (degree(polynomial) !== chunkerDegree || !isIrreducible(polynomial)) {
    throw new PlatformError('CONFIG_DAMAGED', `the config of ${storage.location} has an unusable chunker polynomial`);
  }
  return { ...config, version };
}

/**
 * Tries the password on each key file. Files that are damaged are passed over: one of them must not lock out the others.
 * So is a key that does not open the config, as two attempts to create one repository at a time leave it, unless no key
 * does. Throws PASSWORD_WRONG, or KEY_NOT_FOUND when no key file is whole: no password would be wrong for a damaged one.
 */
export async function findKey(storage: Storage, password: string): Promise<OpenedKey> {
  const config = (await storage.stat('config', 'config')) === null ? null : await storage.get('config', 'config');
  let whole = 0;
  let strange: OpenedKey | null = null;
  for await (const { name } of storage.list('keys')) {
    const read = await readKeyFile(storage, name);
    if (read === null) continue;
    if (read.isWhole) whole += 1;
    const key = await openKeyFile(read.keyFile, password);
    if (key === null) continue;
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
    return keyFile === null ? null : { keyFile, isWhole: sha256(data) === name };
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'STORAGE_FILE_MISSING') return null;
    throw error;
  }
}

function sha256(data: Uint8Array): string {
  return hash('sha256', data, 'hex');
}
