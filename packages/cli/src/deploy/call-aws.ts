import type { ErrorCode } from '@enterprise-backup/contracts/error-registry';
import { PlatformError } from '@enterprise-backup/contracts/errors';

/** What the SDK's errors bear, as far as it is read here. */
interface AwsFailure {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const withoutCredentials = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'TokenProviderError',
  'UnrecognizedClientException',
]);

/**
 * Calls AWS. `purpose` completes the sentence "AWS refused to …". Throws AWS_CREDENTIALS_MISSING, AWS_ACCESS_DENIED,
 * AWS_UNAVAILABLE, CANCELLED or, with AWS's own reason, AWS_REFUSED; the SDK's error is the cause.
 */
export async function callAws<Answer>(purpose: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    throw toAwsError(purpose, error);
  }
}

/** The name that AWS gave an error, or the one of the cause of a PlatformError. */
export function awsErrorName(error: unknown): string | undefined {
  const failure = (error instanceof PlatformError ? error.cause : error) as AwsFailure | undefined;
  return failure?.name;
}

/** The status of the HTTP answer that brought an error; HEAD requests give nothing else. */
export function awsErrorStatus(error: unknown): number | undefined {
  const failure = (error instanceof PlatformError ? error.cause : error) as AwsFailure | undefined;
  return failure?.$metadata?.httpStatusCode;
}

function toAwsError(purpose: string, error: unknown): PlatformError {
  const { name = 'Error', message = '' } = error as AwsFailure;
  const refused = (code: ErrorCode, sentence: string): PlatformError =>
    new PlatformError(code, sentence, { cause: error });
  if (name === 'AbortError')
    return refused('CANCELLED', `it was broken off before AWS answered the call to ${purpose}`);
  if (withoutCredentials.has(name)) {
    return refused('AWS_CREDENTIALS_MISSING', `AWS takes no credentials for the call to ${purpose}: ${message}`);
  }
  const status = awsErrorStatus(error);
  if (status === 403 || name === 'AccessDenied' || name === 'AccessDeniedException') {
    return refused('AWS_ACCESS_DENIED', `this user or role may not ${purpose}: ${message}`);
  }
  if (status === undefined || status >= 500) {
    return refused('AWS_UNAVAILABLE', `AWS did not answer the call to ${purpose}: ${message === '' ? name : message}`);
  }
  return refused('AWS_REFUSED', `AWS refused to ${purpose}: ${message === '' ? name : message}`);
}
