import type { ErrorCode } from '@enterprise-backup/contracts/error-registry';
import { isErrorCode } from '@enterprise-backup/contracts/error-registry';
import { functionError } from '@enterprise-backup/contracts/error-report';
import { fromErrorReport, PlatformError } from '@enterprise-backup/contracts/errors';

/** Errors of the Invoke API that are not about the service's own state, by their `x-amzn-ErrorType`. */
const codeOfServiceError: Readonly<Record<string, ErrorCode>> = {
  AccessDeniedException: 'FUNCTION_ACCESS_DENIED',
  CredentialsProviderError: 'FUNCTION_ACCESS_DENIED',
  ExpiredTokenException: 'FUNCTION_ACCESS_DENIED',
  IncompleteSignatureException: 'FUNCTION_ACCESS_DENIED',
  InvalidSignatureException: 'FUNCTION_ACCESS_DENIED',
  MissingAuthenticationTokenException: 'FUNCTION_ACCESS_DENIED',
  UnrecognizedClientException: 'FUNCTION_ACCESS_DENIED',
  ResourceNotFoundException: 'FUNCTION_NOT_FOUND',
  InvalidRequestContentException: 'REQUEST_MALFORMED',
  UnsupportedMediaTypeException: 'REQUEST_MALFORMED',
  InvalidParameterValueException: 'REQUEST_INVALID',
  ValidationException: 'REQUEST_INVALID',
  RequestEntityTooLargeException: 'REQUEST_TOO_LARGE',
  RequestTooLargeException: 'REQUEST_TOO_LARGE',
};

/**
 * The error of an invocation that did not reach the function, or whose answer did not come back. Everything that is not
 * known to be the caller's fault is FUNCTION_UNAVAILABLE: it may pass. `place` says where the function was looked for.
 */
export function serviceErrorToPlatformError(thrown: unknown, functionName: string, place: string): PlatformError {
  const { name, message } = thrown instanceof Error ? thrown : { name: 'unknown', message: String(thrown) };
  if (name === 'AbortError') {
    return new PlatformError('CANCELLED', `the invocation of ${functionName} was given up`, { cause: thrown });
  }
  const code = codeOfServiceError[name] ?? 'FUNCTION_UNAVAILABLE';
  const sentence = `the function ${functionName} could not be invoked at ${place}: ${describe(thrown, message)}`;
  return new PlatformError(code, sentence, { cause: thrown });
}

/** Node reports a refused connection to a name with several addresses as an error without a message. */
function describe(thrown: unknown, message: string): string {
  if (message !== '') return message;
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'no reason was given';
}

/**
 * The error that a function raised, from the body of an answer with `X-Amz-Function-Error`. The type is the platform's
 * code; Lambda's own types (a timeout, a process that ended) are FUNCTION_UNAVAILABLE, and any other type is INTERNAL.
 */
export function functionErrorToPlatformError(functionName: string, body: unknown): PlatformError {
  const parsed = functionError.partial().safeParse(body);
  const { errorType = 'unknown', errorMessage = 'no message' } = parsed.success ? parsed.data : {};
  if (isErrorCode(errorType)) return fromErrorReport({ code: errorType, message: errorMessage });
  // A function that runs out of its time answers with a message and, in older runtimes, without a type:
  // https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
  const byLambda = /^(Sandbox|Runtime)\./.test(errorType) || / Task timed out after /.test(errorMessage);
  const sentence = `the function ${functionName} failed: ${errorType}: ${errorMessage}`;
  return new PlatformError(byLambda ? 'FUNCTION_UNAVAILABLE' : 'INTERNAL', sentence);
}
