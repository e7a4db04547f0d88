import { GetObjectCommand, HeadObjectCommand, type HeadObjectCommandInput, type S3Client } from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { readBody } from './s3-body.ts';
import type { S3Connection } from './s3-connection.ts';
import { httpStatus } from './s3-errors.ts';

/**
 * Size of an object, or of one version of it, in bytes; null when there is none. To be called in a request. Throws what the
 * SDK throws, with the code of the service's refusal, and STORAGE_UNAVAILABLE for an answer that says nothing.
 */
export async function headSize(
  client: S3Client,
  { bucket, location }: S3Connection,
  key: string,
  version?: string,
): Promise<number | null> {
  const object = { Bucket: bucket, Key: key, ...(version === undefined ? {} : { VersionId: version }) };
  try {
    const { ContentLength, ETag } = await client.send(new HeadObjectCommand(object));
    if (ContentLength !== undefined && ETag !== undefined) return ContentLength;
  } catch (error) {
    const status = httpStatus(error);
    if (status === 404) return null;
    if (status !== 400 && status !== 403) throw error;
    await throwReason(client, object);
  }
  throw new PlatformError('STORAGE_UNAVAILABLE', `the service at ${location} says nothing of ${key}`);
}

/**
 * The refusal of a HEAD has no body, and so no code: expired credentials, a wrong region and a fault that passes all look the
 * same. A read of one byte is refused for the same reason and says it. Returns when it is answered.
 */
async function throwReason(client: S3Client, object: HeadObjectCommandInput): Promise<void> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ ...object, Range: 'bytes=0-0' }));
    await readBody(Body, 1);
  } catch (error) {
    // There is no such object, or it is empty: answers, too.
    if (![404, 416].includes(httpStatus(error) ?? 0)) throw error;
  }
}
