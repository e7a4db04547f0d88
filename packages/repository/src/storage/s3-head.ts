import { GetObjectCommand, HeadObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { readBody } from './s3-body.ts';
import type { S3Connection } from './s3-connection.ts';
import { httpStatus } from './s3-errors.ts';

/**
 * Size of an object in bytes; null when there is none. To be called in a request. Throws what the SDK throws, with the code of
 * the service's refusal where a read tells it, and STORAGE_UNAVAILABLE for a refusal that passes or an answer that says nothing.
 */
export async function headSize(
  client: S3Client,
  { bucket, location }: S3Connection,
  key: string,
): Promise<number | null> {
  try {
    const { ContentLength, ETag } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    if (ContentLength !== undefined && ETag !== undefined) return ContentLength;
  } catch (error) {
    const status = httpStatus(error);
    if (status === 404) return null;
    if (status !== 400 && status !== 403) throw error;
    await throwReason(client, bucket, key);
    // Not to be read would be a reason, and so would be credentials: what forbids the look alone is there to stay.
    if (status === 403) throw error;
    const sentence = `the service at ${location} answers 400 when asked for the size of ${key}, and lets it be read`;
    throw new PlatformError('STORAGE_UNAVAILABLE', sentence, { cause: error });
  }
  throw new PlatformError('STORAGE_UNAVAILABLE', `the service at ${location} says nothing of ${key}`);
}

/**
 * The refusal of a HEAD has no body, and so no code: expired credentials, a wrong region and a fault that passes all look the
 * same. A read of one byte is mostly refused for the same reason and says it. Returns when it is answered.
 */
async function throwReason(client: S3Client, bucket: string, key: string): Promise<void> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: 'bytes=0-0' }));
    await readBody(Body, 1);
  } catch (error) {
    if (!isAnswer(error)) throw error;
  }
}

/** Tells whether a failed read says something of the object: that there is none, that it is empty or that it lies in an archive. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof S3ServiceException) || error.name === 'NoSuchBucket') return false;
  return [404, 416].includes(httpStatus(error) ?? 0) || error.name === 'InvalidObjectState';
}
