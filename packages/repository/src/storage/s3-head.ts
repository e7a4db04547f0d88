import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { S3Connection } from './s3-connection.ts';
import { httpStatus } from './s3-errors.ts';

/** Size of an object, or of one version of it, in bytes; null when there is none. To be called in a request. */
export async function headSize(
  client: S3Client,
  { bucket, location }: S3Connection,
  key: string,
  version?: string,
): Promise<number | null> {
  try {
    const { ContentLength, ETag } = await client.send(
      new HeadObjectCommand({ Bucket: bucket, Key: key, ...(version === undefined ? {} : { VersionId: version }) }),
    );
    if (ContentLength !== undefined && ETag !== undefined) return ContentLength;
  } catch (error) {
    if (httpStatus(error) === 404) return null;
    throw error;
  }
  throw new PlatformError('STORAGE_UNAVAILABLE', `the service at ${location} says nothing of ${key}`);
}
