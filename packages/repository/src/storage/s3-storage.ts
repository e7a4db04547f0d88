import { createHash } from 'node:crypto';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { S3Connection } from './s3-connection.ts';
import { httpStatus } from './s3-errors.ts';
import { headSize } from './s3-head.ts';
import { S3Keys } from './s3-keys.ts';
import { S3Listing } from './s3-listing.ts';
import type { S3Location } from './s3-location.ts';
import { readObject } from './s3-object.ts';
import { S3Uploader, type Upload } from './s3-upload.ts';
import type { StorageDescription } from './storage-description.ts';
import { describeFile, type ByteRange, type FileType, type Storage, type StoredFile } from './storage.ts';

/**
 * A repository in S3, or in a service that speaks its protocol, under the keys that restic uses.
 *
 * A service replaces an object as a whole and answers when it is stored, so a write is atomic and durable as it is. Of
 * listings nothing but key and size is used, and no ETag, because compatible services differ there.
 */
export class S3Storage implements Storage {
  readonly location: string;
  readonly description: StorageDescription;
  readonly readOnly = false;
  readonly #connection: S3Connection;
  readonly #keys: S3Keys;
  readonly #listing: S3Listing;
  readonly #uploader: S3Uploader;

  /** Nothing is requested until the first call. */
  constructor(description: StorageDescription, location: S3Location, connection: S3Connection) {
    this.location = location.text;
    this.description = description;
    this.#connection = connection;
    this.#keys = new S3Keys(location.prefix);
    this.#listing = new S3Listing(connection, this.#keys);
    this.#uploader = new S3Uploader(connection, description.s3 ?? {});
  }

  async put(type: FileType, name: string, data: Uint8Array): Promise<void> {
    await this.#uploader.upload(this.#upload(type, name, data), `writing ${describeFile(type, name)}`);
    this.#listing.note(type, name, true);
  }

  async create(type: FileType, name: string, data: Uint8Array): Promise<void> {
    // Asked before, since a service that does not know the condition of the write would replace the object.
    if ((await this.stat(type, name)) !== null) throw this.#exists(type, name);
    const upload = this.#upload(type, name, data);
    try {
      await this.#connection.request(
        `writing ${describeFile(type, name)}`,
        (client) => this.#uploader.putAtOnce(client, upload, true),
        (error) => httpStatus(error) === 501 || httpStatus(error) === 412,
      );
    } catch (error) {
      if (httpStatus(error) === 501) return this.put(type, name, data);
      if (httpStatus(error) !== 412) throw error;
      // An answer that was lost made the request go out again that had been carried out.
      if (!(await this.get(type, name)).equals(data)) throw this.#exists(type, name);
    }
    this.#listing.note(type, name, true);
  }

  async get(type: FileType, name: string, range?: ByteRange): Promise<Buffer> {
    if (range?.length === 0) {
      if ((await this.stat(type, name)) !== null) return Buffer.alloc(0);
      const file = describeFile(type, name);
      throw new PlatformError('STORAGE_FILE_MISSING', `there is no ${file} at ${this.location}`);
    }
    return readObject(this.#connection, { type, name, key: this.#keys.of(type, name) }, range);
  }

  async stat(type: FileType, name: string): Promise<StoredFile | null> {
    const size = await this.#connection.request(`looking for ${describeFile(type, name)}`, (client) =>
      headSize(client, this.#connection, this.#keys.of(type, name)),
    );
    return size === null ? null : { name, size };
  }

  async *list(type: FileType): AsyncIterable<StoredFile> {
    if (type !== 'config') {
      yield* this.#listing.list(type);
      return;
    }
    const config = await this.stat('config', 'config');
    if (config !== null) yield config;
  }

  async delete(type: FileType, name: string): Promise<void> {
    const input = { Bucket: this.#connection.bucket, Key: this.#keys.of(type, name) };
    try {
      await this.#connection.request(`removing ${describeFile(type, name)}`, (client) =>
        client.send(new DeleteObjectCommand(input)),
      );
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code !== 'STORAGE_FILE_MISSING') throw error;
    }
    this.#listing.note(type, name, false);
  }

  #upload(type: FileType, name: string, data: Uint8Array): Upload {
    // The name is the SHA-256 of the content.
    const sha256 = type === 'config' ? createHash('sha256').update(data).digest() : Buffer.from(name, 'hex');
    return { type, key: this.#keys.of(type, name), data, sha256 };
  }

  #exists(type: FileType, name: string): PlatformError {
    return new PlatformError('REPOSITORY_EXISTS', `${describeFile(type, name)} exists at ${this.location}`);
  }
}
