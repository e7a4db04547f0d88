import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { S3Connection } from './s3-connection.ts';
import { headSize } from './s3-head.ts';
import { smallestPart, type S3Options } from './s3-options.ts';
import type { FileType } from './storage.ts';

const defaultMultipartBytes = 64 * 1024 * 1024;
const millisecondsPerDay = 24 * 60 * 60 * 1000;
/** The service takes at most this many parts. */
const mostParts = 10_000;

/** A file on its way to the service. */
export interface Upload {
  readonly type: FileType;
  readonly key: string;
  readonly data: Uint8Array;
  /** SHA-256 of the data. */
  readonly sha256: Buffer;
}

/** Uploads files, large ones in parts, with the class, encryption and lock that the options name. */
export class S3Uploader {
  readonly #connection: S3Connection;
  readonly #options: S3Options;

  constructor(connection: S3Connection, options: S3Options) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Stores a file under its key, whatever stands there. `what` names it for the sentence of a failure. */
  async upload(upload: Upload, what: string): Promise<void> {
    if (upload.data.byteLength > (this.#options.multipartBytes ?? defaultMultipartBytes)) {
      await this.#uploadInParts(upload, what);
      return;
    }
    await this.#connection.request(what, (client) => this.putAtOnce(client, upload, false));
  }

  /** Stores a file with one request. `mustBeNew`: only if there is none under the key. To be called in a request. */
  async putAtOnce(client: S3Client, upload: Upload, mustBeNew: boolean): Promise<void> {
    const { ETag } = await client.send(this.#putCommand(upload, mustBeNew));
    // An answer without it comes from something on the way, and not from the service.
    if (ETag === undefined) throw unanswered(`writing ${upload.key}`, this.#connection.location, 'no tag');
  }

  #putCommand({ type, key, data, sha256 }: Upload, mustBeNew: boolean): PutObjectCommand {
    // The service itself refuses content that was damaged on the way. A checksum is also what a bucket with object lock
    // asks for.
    return new PutObjectCommand({
      Bucket: this.#connection.bucket,
      Key: key,
      Body: data,
      ContentLength: data.byteLength,
      ChecksumSHA256: sha256.toString('base64'),
      ...this.#properties(type),
      ...(mustBeNew ? { IfNoneMatch: '*' } : {}),
    });
  }

  #properties(type: FileType): Omit<PutObjectCommandInput, 'Bucket' | 'Key'> {
    const { storageClass, kmsKey, retention } = this.#options;
    const { clock } = this.#connection.pacing;
    return {
      ContentType: 'application/octet-stream',
      ...(storageClass === undefined || type !== 'data' ? {} : { StorageClass: storageClass }),
      ...(kmsKey === undefined
        ? {}
        : { ServerSideEncryption: 'aws:kms', ...(kmsKey === '' ? {} : { SSEKMSKeyId: kmsKey }) }),
      ...(retention === undefined || type === 'locks'
        ? {}
        : {
            // Some services take a checksum for one only if this names its kind.
            ChecksumAlgorithm: 'SHA256',
            ObjectLockMode: retention.mode,
            ObjectLockRetainUntilDate: new Date(clock.now().getTime() + retention.days * millisecondsPerDay),
          }),
    };
  }

  /**
   * The service shows nothing of the file before the last request, which makes it one object. Whatever fails, the parts
   * are given up, since the service keeps and charges them otherwise; a killed process leaves them to the bucket's
   * lifecycle rule.
   */
  async #uploadInParts(upload: Upload, what: string): Promise<void> {
    const connection = this.#connection;
    const { type, key, data } = upload;
    const place = { Bucket: connection.bucket, Key: key };
    const id = await connection.request(what, async (client) => {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ ...place, ChecksumAlgorithm: 'SHA256', ...this.#properties(type) }),
      );
      if (UploadId === undefined) throw unanswered(what, connection.location, 'no id for the parts');
      return UploadId;
    });
    try {
      const parts = await this.#uploadParts(data, { ...place, UploadId: id }, what);
      await this.#complete(upload, { ...place, UploadId: id, MultipartUpload: { Parts: parts } }, what);
    } catch (error) {
      await connection
        .request(what, (client) => client.send(new AbortMultipartUploadCommand({ ...place, UploadId: id })))
        .catch(() => undefined);
      throw error;
    }
  }

  async #uploadParts(
    data: Uint8Array,
    place: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
    what: string,
  ): Promise<CompletedPart[]> {
    const size = Math.max(2 * smallestPart, Math.ceil(data.byteLength / mostParts));
    const parts: CompletedPart[] = [];
    for (let at = 0; at < data.byteLength; at += size) {
      const part = data.subarray(at, at + size);
      const checksum = createHash('sha256').update(part).digest('base64');
      const number = parts.length + 1;
      const tag = await this.#connection.request(what, async (client) => {
        const { ETag } = await client.send(
          new UploadPartCommand({
            ...place,
            PartNumber: number,
            Body: part,
            ContentLength: part.byteLength,
            ChecksumSHA256: checksum,
          }),
        );
        if (ETag === undefined) throw unanswered(what, this.#connection.location, `no tag for part ${number}`);
        return ETag;
      });
      parts.push({ PartNumber: number, ETag: tag, ChecksumSHA256: checksum });
    }
    return parts;
  }

  async #complete(
    { key, data }: Upload,
    input: ConstructorParameters<typeof CompleteMultipartUploadCommand>[0],
    what: string,
  ): Promise<void> {
    const connection = this.#connection;
    try {
      await connection.request(
        what,
        async (client) => {
          const { ETag } = await client.send(new CompleteMultipartUploadCommand(input));
          if (ETag === undefined) throw unanswered(what, connection.location, 'no tag for the whole');
        },
        (error) => error instanceof Error && error.name === 'NoSuchUpload',
      );
    } catch (error) {
      if (error instanceof PlatformError) throw error;
      // The answer to an attempt was lost that had been carried out, or someone gave the parts up: the object tells.
      const size = await connection.request(what, (client) => headSize(client, connection, key));
      if (size !== data.byteLength) {
        throw unanswered(what, connection.location, 'the parts are gone', error);
      }
    }
  }
}

function unanswered(what: string, location: string, reason: string, cause?: unknown): PlatformError {
  return new PlatformError('STORAGE_UNAVAILABLE', `${what} at ${location} failed: the service gave ${reason}`, {
    cause,
  });
}
