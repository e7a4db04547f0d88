import { createHash } from 'node:crypto';
import { GetObjectCommand, type GetObjectCommandInput } from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { S3Connection } from './s3-connection.ts';
import { readBody } from './s3-body.ts';
import { httpStatus } from './s3-errors.ts';
import { describeFile, type ByteRange, type FileType } from './storage.ts';

/** How often a whole file is read again whose bytes are not what its name says. */
const rereads = 2;

/** An object to read: under its key, or one version of it. */
export interface ReadObject {
  readonly type: FileType;
  readonly name: string;
  readonly key: string;
  readonly version?: string;
}

/**
 * Reads an object, or exactly a range of at least one byte. An answer of the wrong length is asked for again. So is a whole
 * file whose bytes do not match its name; if that stays so it is returned, and the caller says what is damaged. Throws
 * STORAGE_FILE_MISSING, FILE_DAMAGED for an object that is too short for the range, and other STORAGE_ errors.
 */
export async function readObject(connection: S3Connection, object: ReadObject, range?: ByteRange): Promise<Buffer> {
  const { type, name } = object;
  for (let read = 0; ; read += 1) {
    const data = await requestBody(connection, object, range);
    const verifiable = range === undefined && type !== 'config';
    if (!verifiable || read === rereads || createHash('sha256').update(data).digest('hex') === name) return data;
  }
}

async function requestBody(
  connection: S3Connection,
  { type, name, key, version }: ReadObject,
  range: ByteRange | undefined,
): Promise<Buffer> {
  const file = describeFile(type, name);
  const what = `reading ${file}`;
  const input: GetObjectCommandInput = {
    Bucket: connection.bucket,
    Key: key,
    ...(version === undefined ? {} : { VersionId: version }),
    ...(range === undefined ? {} : { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` }),
  };
  const unusable = (reason: string) =>
    new PlatformError('STORAGE_UNAVAILABLE', `${what} at ${connection.location} failed: ${reason}`);
  try {
    return await connection.request(
      what,
      async (client) => {
        const { Body, ContentRange, ContentLength, ETag } = await client.send(new GetObjectCommand(input));
        const length = range?.length ?? ContentLength;
        const { data, received } = await readBody(Body, length);
        // An answer without a tag comes from something on the way, and not from the service.
        if (ETag === undefined) throw unusable('the answer says nothing of the object');
        const expected = length ?? received;
        if (received === expected) return data;
        const whole = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
        if (range !== undefined && whole !== undefined && Number(whole) < range.offset + range.length) {
          throw tooShort(file, connection.location);
        }
        throw unusable(`${expected} bytes were expected, the service sent ${received > expected ? 'more' : received}`);
      },
      (error) => httpStatus(error) === 416,
    );
  } catch (error) {
    if (httpStatus(error) === 416) throw tooShort(file, connection.location, error);
    throw error;
  }
}

function tooShort(file: string, location: string, cause?: unknown): PlatformError {
  return new PlatformError('FILE_DAMAGED', `${file} at ${location} is too short`, { cause });
}
