import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { httpStatus, s3Error } from './s3-errors.ts';
import type { S3Location } from './s3-location.ts';
import { isStoredName, type ByteRange, type FileType, type Storage, type StoredFile } from './storage.ts';

/** Attempts of one request, by the SDK, with growing pauses that stay below 20 s. */
const MAX_ATTEMPTS = 6;
/** Attempts to read one answer to its end: the SDK repeats requests, but not a body that breaks off. */
const BODY_ATTEMPTS = 3;
const BODY_RETRY_MS = 500;
const CONNECTION_TIMEOUT_MS = 10_000;
/** Longest silence on an open connection. */
const SOCKET_TIMEOUT_MS = 60_000;
/** What restic and the AWS CLI sign for when nothing names a region. */
const DEFAULT_REGION = 'us-east-1';

/**
 * A repository in S3, or in a service that speaks its protocol, under the keys that restic uses: `<prefix>/config`,
 * `<prefix>/data/ab/ab12…`, `<prefix>/keys/12ab…`. Credentials come from the SDK's usual places (environment, profile,
 * instance role).
 *
 * A service replaces an object as a whole and answers when it is stored, so a write is atomic and durable as it is. Of
 * listings nothing but key and size is used, and no ETag, because compatible services differ there.
 */
export class S3Storage implements Storage {
  readonly location: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  /** Nothing is requested until the first call. */
  constructor(location: S3Location) {
    this.location = location.text;
    this.#bucket = location.bucket;
    this.#prefix = location.prefix === '' ? '' : `${location.prefix}/`;
    this.#client = new S3Client(clientSettings(location));
  }

  async put(type: FileType, name: string, data: Uint8Array): Promise<void> {
    try {
      await this.#client.send(this.#putCommand(type, name, data, false));
    } catch (error) {
      throw this.#failure(error, 'writing', type, name);
    }
  }

  async create(type: FileType, name: string, data: Uint8Array): Promise<void> {
    // Asked before, since a service that does not know the condition of the write would replace the object.
    if ((await this.stat(type, name)) !== null) throw this.#exists(type, name);
    try {
      await this.#client.send(this.#putCommand(type, name, data, true));
    } catch (error) {
      if (httpStatus(error) === 501) return this.put(type, name, data);
      if (httpStatus(error) !== 412) throw this.#failure(error, 'writing', type, name);
      // An answer that was lost made the SDK repeat a request that had been carried out.
      if (!(await this.get(type, name)).equals(data)) throw this.#exists(type, name);
    }
  }

  async get(type: FileType, name: string, range?: ByteRange): Promise<Buffer> {
    if (range?.length === 0) {
      if ((await this.stat(type, name)) !== null) return Buffer.alloc(0);
      throw new PlatformError('STORAGE_FILE_MISSING', `there is no ${type}/${name} at ${this.location}`);
    }
    const command = { Bucket: this.#bucket, Key: this.#key(type, name), ...rangeHeader(range) };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { Body } = await this.#client.send(new GetObjectCommand(command));
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
        return this.#checkedLength(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), type, name, range);
      } catch (error) {
        if (httpStatus(error) === 416) throw this.#tooShort(type, name, error);
        const answered = error instanceof PlatformError || httpStatus(error) !== null;
        if (answered || attempt === BODY_ATTEMPTS) throw this.#failure(error, 'reading', type, name);
        await delay(BODY_RETRY_MS);
      }
    }
  }

  async stat(type: FileType, name: string): Promise<StoredFile | null> {
    try {
      const head = await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#key(type, name) }));
      return { name, size: head.ContentLength ?? 0 };
    } catch (error) {
      if (httpStatus(error) === 404) return null;
      throw this.#failure(error, 'looking for', type, name);
    }
  }

  async *list(type: FileType): AsyncIterable<StoredFile> {
    if (type === 'config') {
      const config = await this.stat('config', 'config');
      if (config !== null) yield config;
      return;
    }
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket, Prefix: `${this.#prefix}${type}/` },
    );
    try {
      for await (const page of pages) {
        for (const { Key = '', Size = 0 } of page.Contents ?? []) {
          const name = Key.slice(Key.lastIndexOf('/') + 1);
          if (isStoredName(name) && Key === this.#key(type, name)) yield { name, size: Size };
        }
      }
    } catch (error) {
      throw s3Error(error, `listing ${type}`, this.location);
    }
  }

  async delete(type: FileType, name: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: this.#key(type, name) }));
    } catch (error) {
      const failure = this.#failure(error, 'removing', type, name);
      if (failure.code !== 'STORAGE_FILE_MISSING') throw failure;
    }
  }

  #putCommand(type: FileType, name: string, data: Uint8Array, mustBeNew: boolean): PutObjectCommand {
    // The name is the SHA-256 of the content, so the service itself refuses content that was damaged on the way. It is
    // also the checksum without which a bucket with object lock takes nothing.
    const sha256 = type === 'config' ? createHash('sha256').update(data).digest() : Buffer.from(name, 'hex');
    return new PutObjectCommand({
      Bucket: this.#bucket,
      Key: this.#key(type, name),
      Body: data,
      ContentLength: data.byteLength,
      ContentType: 'application/octet-stream',
      ChecksumSHA256: sha256.toString('base64'),
      ...(mustBeNew ? { IfNoneMatch: '*' } : {}),
    });
  }

  #key(type: FileType, name: string): string {
    if (type === 'config') return `${this.#prefix}config`;
    return type === 'data' ? `${this.#prefix}data/${name.slice(0, 2)}/${name}` : `${this.#prefix}${type}/${name}`;
  }

  #checkedLength(data: Buffer, type: FileType, name: string, range: ByteRange | undefined): Buffer {
    if (range === undefined || data.length === range.length) return data;
    if (data.length < range.length) throw this.#tooShort(type, name);
    const reason = `asked for ${range.length} bytes, the service sent ${data.length}`;
    throw new PlatformError('STORAGE_UNAVAILABLE', `reading ${type}/${name} at ${this.location} failed: ${reason}`);
  }

  #tooShort(type: FileType, name: string, cause?: unknown): PlatformError {
    return new PlatformError('FILE_DAMAGED', `${type}/${name} at ${this.location} is too short`, { cause });
  }

  #exists(type: FileType, name: string): PlatformError {
    return new PlatformError(
      'REPOSITORY_EXISTS',
      `${type === 'config' ? type : `${type}/${name}`} exists at ${this.location}`,
    );
  }

  #failure(error: unknown, doing: string, type: FileType, name: string): PlatformError {
    return s3Error(error, `${doing} ${type === 'config' ? type : `${type}/${name}`}`, this.location);
  }
}

function clientSettings({ endpoint, region }: S3Location): S3ClientConfig {
  const configured = new S3Client({}).config.region;
  return {
    region: region ?? (() => configured().catch(() => DEFAULT_REGION)),
    ...(endpoint === null ? { followRegionRedirects: true } : { endpoint, forcePathStyle: true }),
    maxAttempts: MAX_ATTEMPTS,
    // The signature covers the body and puts carry a SHA-256; compatible services stumble over the SDK's own checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
  };
}

function rangeHeader(range: ByteRange | undefined): { Range?: string } {
  return range === undefined ? {} : { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
}
