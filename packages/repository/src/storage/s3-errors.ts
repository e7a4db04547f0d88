import { S3ServiceException } from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';

/** Error codes that the service gives with a status that says less. */
const ACCESS_CODES: readonly string[] = ['ExpiredToken', 'InvalidToken', 'InvalidAccessKeyId', 'SignatureDoesNotMatch'];
const REGION_CODES: readonly string[] = [
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
];
const FULL_CODES: readonly string[] = ['QuotaExceeded', 'XMinioStorageFull', 'XAmzStorageFull', 'InsufficientStorage'];

/** The status of the service's answer, or null when there was none. */
export function httpStatus(error: unknown): number | null {
  return error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? null) : null;
}

/**
 * Gives an error of the SDK, which has repeated the request where that helps, the code and the sentence that a person can
 * act on. `what` is the request, such as `reading data/…`. The service's own sentence stays in `cause`: it may name keys.
 */
export function s3Error(error: unknown, what: string, location: string): PlatformError {
  if (error instanceof PlatformError) return error;
  const options = { cause: error };
  const name = error instanceof Error ? error.name : String(error);
  const status = httpStatus(error);
  const sentence = `${what} at ${location} failed`;

  if (name === 'NoSuchBucket') {
    return new PlatformError('STORAGE_LOCATION_INVALID', `${sentence}: there is no such bucket`, options);
  }
  if (REGION_CODES.includes(name) || status === 301) {
    const reason = 'the bucket lies in another region: name that in the host, or set AWS_REGION';
    return new PlatformError('STORAGE_LOCATION_INVALID', `${sentence}: ${reason}`, options);
  }
  if (name === 'CredentialsProviderError') {
    return new PlatformError('STORAGE_ACCESS_DENIED', `${sentence}: no AWS credentials were found`, options);
  }
  if (isObjectLocked(error, name, status)) {
    return new PlatformError('STORAGE_OBJECT_LOCKED', `${sentence}: its retention or legal hold is not over`, options);
  }
  if (ACCESS_CODES.includes(name) || status === 401 || status === 403) {
    return new PlatformError('STORAGE_ACCESS_DENIED', `${sentence}: the service refuses access (${name})`, options);
  }
  if (FULL_CODES.includes(name) || status === 507) {
    return new PlatformError('STORAGE_FULL', `${sentence}: the service has no space left (${name})`, options);
  }
  if (status === 404) return new PlatformError('STORAGE_FILE_MISSING', `${sentence}: there is no such file`, options);
  return new PlatformError('STORAGE_UNAVAILABLE', `${sentence}: ${describe(error, name, status)}`, options);
}

/**
 * Services tell in several ways that a retention protects an object: AWS denies access and says why in the sentence alone,
 * others have a code of their own, or the status 451.
 */
function isObjectLocked(error: unknown, name: string, status: number | null): boolean {
  if (name === 'ObjectLocked' || status === 451) return true;
  const isRefusal = name === 'AccessDenied' || name === 'InvalidRequest';
  return isRefusal && error instanceof Error && /object lock|\bWORM\b|retention|legal hold/i.test(error.message);
}

function describe(error: unknown, name: string, status: number | null): string {
  if (status !== null) return `the service answers ${status} (${name})`;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : name;
  return `the service does not answer (${code})`;
}
