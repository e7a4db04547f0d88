import { PlatformError } from '@enterprise-backup/contracts/errors';

/** Where a repository lies in S3, or in a service that speaks its protocol. */
export interface S3Location {
  /** As a person would write it, in one form for all ways of writing it. */
  readonly text: string;
  readonly bucket: string;
  /** Start of every key, without slashes at its ends; may be empty. */
  readonly prefix: string;
  /** Null for AWS itself, where the SDK finds the endpoint and puts the bucket into the host's name. */
  readonly endpoint: string | null;
  /** From the host's name; null when it names none. */
  readonly region: string | null;
}

/** `s3.amazonaws.com`, `s3.eu-central-1.amazonaws.com`, `s3-eu-central-1.amazonaws.com` and their siblings in China. */
const AWS_HOST = /^s3(?:[.-][a-z]{2}(?:-[a-z]+)+-[0-9])?\.amazonaws\.com(?:\.cn)?$/;
const AWS_REGION = /[.-]([a-z]{2}(?:-[a-z]+)+-[0-9])\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/;

const FORMS = 's3:https://host/bucket/prefix, s3:http://host:port/bucket/prefix or s3:s3.amazonaws.com/bucket/prefix';

/**
 * Reads a location as restic does (internal/backend/s3/config.go): a URL after `s3:`, or a host, which means https.
 * Repeated slashes count as one. The first component of the path is the bucket, the rest the prefix.
 *
 * Throws STORAGE_LOCATION_INVALID, also for a user or password in the URL, which is not repeated in the message:
 * credentials come from the usual places of the AWS SDK.
 */
export function parseS3Location(location: string): S3Location {
  const url = /^s3:(https?):\/\/([^/]*)\/(.*)$/s.exec(location);
  const plain = /^s3:(?:\/\/)?([^/]*)\/(.*)$/s.exec(location);
  const scheme = url?.[1] ?? 'https';
  const host = (url === null ? plain?.[1] : url[2])?.toLowerCase() ?? '';
  const written = (url === null ? plain?.[2] : url[3]) ?? '';
  if (host.includes('@')) throw invalid('a location must hold no user and no password');
  if (!/^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/.test(host))
    throw invalid(`it names no host: write ${FORMS}`);

  const path = url === null ? written : decode(written);
  const [bucket = '', ...components] = path.split('/').filter((component) => component !== '');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{2,254}$/.test(bucket)) throw invalid(`it names no bucket: write ${FORMS}`);
  if (components.some((component) => component === '.' || component === '..') || path.includes('\0')) {
    throw invalid('its prefix must hold no `.` and no `..`');
  }
  const prefix = components.join('/');
  const isAws = scheme === 'https' && AWS_HOST.test(host);
  return {
    text: `s3:${scheme}://${host}/${[bucket, ...components].join('/')}`,
    bucket,
    prefix,
    endpoint: isAws ? null : `${scheme}://${host}`,
    region: AWS_REGION.exec(host)?.[1] ?? null,
  };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalid('its path is not a URL');
  }
}

function invalid(reason: string): PlatformError {
  return new PlatformError('STORAGE_LOCATION_INVALID', `the location in S3 cannot be used: ${reason}`);
}
