import { describe, expect, it } from 'vitest';
import { functionErrorToPlatformError, serviceErrorToPlatformError } from './invoke-errors.ts';

const serviceError = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name }, more);

describe('an error of the Invoke API', () => {
  it.each([
    ['ResourceNotFoundException', 'FUNCTION_NOT_FOUND'],
    ['AccessDeniedException', 'FUNCTION_ACCESS_DENIED'],
    ['UnrecognizedClientException', 'FUNCTION_ACCESS_DENIED'],
    ['RequestTooLargeException', 'REQUEST_TOO_LARGE'],
    ['RequestEntityTooLargeException', 'REQUEST_TOO_LARGE'],
    ['InvalidRequestContentException', 'REQUEST_MALFORMED'],
    ['TooManyRequestsException', 'FUNCTION_UNAVAILABLE'],
    ['ServiceException', 'FUNCTION_UNAVAILABLE'],
    ['TimeoutError', 'FUNCTION_UNAVAILABLE'],
    ['AbortError', 'CANCELLED'],
  ])('%s is %s', (name, code) => {
    expect(serviceErrorToPlatformError(serviceError(name, 'the reason'), 'jobs', 'there')).toMatchObject({ code });
  });

  it('tells the reason where Node gives no message', () => {
    const refused = serviceError('AggregateError', '', { code: 'ECONNREFUSED' });
    const { message } = serviceErrorToPlatformError(refused, 'jobs', 'http://127.0.0.1:1');
    expect(message).toBe('the function jobs could not be invoked at http://127.0.0.1:1: ECONNREFUSED');
  });
});

describe('an error of the function', () => {
  it('keeps the code and message of the platform', () => {
    const body = { errorType: 'LEASE_LOST', errorMessage: 'another agent holds it', trace: [] };
    expect(functionErrorToPlatformError('jobs', body)).toMatchObject({
      code: 'LEASE_LOST',
      message: 'another agent holds it',
      kind: 'conflict',
    });
  });

  it.each([
    [{ errorMessage: '2026-11-22T10:00:00Z 3c4b Task timed out after 30.00 seconds' }, 'FUNCTION_UNAVAILABLE'],
    [{ errorType: 'Sandbox.Timedout', errorMessage: 'RequestId: 3c4b Error: Task timed out' }, 'FUNCTION_UNAVAILABLE'],
    [{ errorType: 'Runtime.ExitError', errorMessage: 'exit status 1' }, 'FUNCTION_UNAVAILABLE'],
    [{ errorType: 'TypeError', errorMessage: 'x is not a function' }, 'INTERNAL'],
    [{ errorType: 'toString', errorMessage: 'odd' }, 'INTERNAL'],
    ['only a text', 'INTERNAL'],
    [null, 'INTERNAL'],
  ])('%j is %s', (body, code) => {
    expect(functionErrorToPlatformError('jobs', body)).toMatchObject({ code });
  });
});
