import { PlatformError } from '@enterprise-backup/contracts/errors';
import { readObject } from './s3-object.ts';
import type { S3Connection } from './s3-connection.ts';
import { S3Keys } from './s3-keys.ts';
import type { S3Location } from './s3-location.ts';
import { S3Versions, type ObjectVersion } from './s3-versions.ts';
import type { StorageDescription } from './storage-description.ts';
import { describeFile, type ByteRange, type FileType, type Storage, type StoredFile } from './storage.ts';

/** Versions that are remembered, so that reading a pack in parts asks for its versions once. */
const versionsKept = 100_000;

/**
 * A repository in a versioned bucket as it stood at a time: of each object the version that was the latest then, and none
 * where it had not been written yet or was deleted. What someone deleted or overwrote since is there as it was. Writes and
 * removals throw STORAGE_READ_ONLY.
 *
 * The bucket keeps versions only as long as its lifecycle rules let it; a version that is gone for good is missing here.
 */
export class S3AsOfStorage implements Storage {
  readonly location: string;
  readonly description: StorageDescription;
  readonly readOnly = true;
  readonly #connection: S3Connection;
  readonly #keys: S3Keys;
  readonly #versions: S3Versions;
  readonly #known = new Map<string, ObjectVersion | null>();

  /** `time` is RFC 3339. Nothing is requested until the first call. */
  constructor(description: StorageDescription, location: S3Location, connection: S3Connection, time: string) {
    this.location = `${location.text} as of ${time}`;
    this.description = description;
    this.#connection = connection;
    this.#keys = new S3Keys(location.prefix);
    this.#versions = new S3Versions(connection, new Date(time));
  }

  put(type: FileType, name: string): Promise<void> {
    return Promise.reject(this.#refusal(`writing ${describeFile(type, name)}`));
  }

  create(type: FileType, name: string): Promise<void> {
    return Promise.reject(this.#refusal(`writing ${describeFile(type, name)}`));
  }

  delete(type: FileType, name: string): Promise<void> {
    return Promise.reject(this.#refusal(`removing ${describeFile(type, name)}`));
  }

  async get(type: FileType, name: string, range?: ByteRange): Promise<Buffer> {
    const key = this.#keys.of(type, name);
    const version = await this.#find(key);
    if (version === null) {
      throw new PlatformError('STORAGE_FILE_MISSING', `there is no ${describeFile(type, name)} at ${this.location}`);
    }
    if (range?.length === 0) return Buffer.alloc(0);
    return readObject(this.#connection, { type, name, key, version: version.id }, range);
  }

  async stat(type: FileType, name: string): Promise<StoredFile | null> {
    const version = await this.#find(this.#keys.of(type, name));
    return version === null ? null : { name, size: version.size };
  }

  async *list(type: FileType): AsyncIterable<StoredFile> {
    if (type === 'config') {
      const config = await this.stat('config', 'config');
      if (config !== null) yield config;
      return;
    }
    for await (const { key, version } of this.#versions.below(this.#keys.start(type))) {
      const name = this.#keys.nameOf(type, key);
      if (name === null || version === null) continue;
      this.#remember(key, version);
      yield { name, size: version.size };
    }
  }

  async #find(key: string): Promise<ObjectVersion | null> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    for await (const found of this.#versions.below(key)) {
      if (found.key === key) this.#remember(key, found.version);
      // Keys come in order: what follows starts with this key and goes on.
      break;
    }
    if (!this.#known.has(key)) this.#remember(key, null);
    return this.#known.get(key) ?? null;
  }

  #remember(key: string, version: ObjectVersion | null): void {
    this.#known.set(key, version);
    if (this.#known.size > versionsKept) this.#known.delete(this.#known.keys().next().value ?? key);
  }

  #refusal(what: string): PlatformError {
    return new PlatformError('STORAGE_READ_ONLY', `${what} at ${this.location} is refused: it is a state of the past`);
  }
}
