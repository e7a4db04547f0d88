import { S3ServiceException } from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';

/** What is done about a failed request: nothing, the same again, or the same again with credentials that are read anew. */
export type Remedy = 'none' | 'again' | 'new credentials';

const passingStatuses: readonly number[] = [408, 429, 500, 502, 503, 504, 509];
/** Codes of passing faults whose status alone says something else. The last three: what arrived was not what was sent. */
const passingCodes: readonly string[] = [
  'ConditionalRequestConflict',
  'InternalError',
  'OperationAborted',
  'RequestTimeTooSkewed',
  'RequestTimeout',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'BadDigest',
  'IncompleteBody',
  'XAmzContentSHA256Mismatch',
];
const credentialCodes: readonly string[] = [
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidToken',
  'TokenRefreshRequired',
];
/** Faults of the configuration: no repetition mends them. */
const hopelessNames: readonly string[] = ['CredentialsProviderError', 'CERT_HAS_EXPIRED', 'ERR_INVALID_URL'];

/** Decides about a failed request. */
export function remedyFor(error: unknown): Remedy {
  if (error instanceof PlatformError) return error.code === 'STORAGE_UNAVAILABLE' ? 'again' : 'none';
  if (!(error instanceof S3ServiceException)) {
    // No answer, half of one, or one that is no XML: the network, or something on the way.
    const name = error instanceof Error ? error.name : '';
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return hopelessNames.includes(name) || hopelessNames.includes(code) ? 'none' : 'again';
  }
  const status = error.$metadata.httpStatusCode ?? 0;
  if (credentialCodes.includes(error.name)) return 'new credentials';
  return passingStatuses.includes(status) || passingCodes.includes(error.name) ? 'again' : 'none';
}

const firstPause = 200;
const longestPause = 15_000;

/**
 * Milliseconds to wait before attempt `attempt` + 1: at random between nothing and a bound that doubles ("full jitter"),
 * so that many clients that failed together do not come back together. `random` lies between 0 and 1.
 */
export function pauseAfter(attempt: number, random: number): number {
  return Math.round(random * Math.min(longestPause, firstPause * 2 ** (attempt - 1)));
}
