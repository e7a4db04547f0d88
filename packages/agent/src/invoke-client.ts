import { InvokeCommand, LambdaClient, type InvokeCommandOutput } from '@aws-sdk/client-lambda';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { functionErrorToPlatformError, serviceErrorToPlatformError } from './invoke-errors.ts';

/** How functions are reached. */
export interface InvokeClientSettings {
  /** Address of the Invoke API; null means the one of AWS in `region`. */
  readonly endpointUrl: string | null;
  readonly region: string;
  /** Most tries of one invocation while the service does not answer, throttles or answers with 5xx. Default 4. */
  readonly attempts?: number;
  /** Seconds after which one try is given up. Default 60. */
  readonly timeoutSeconds?: number;
}

/** What one invocation may add. */
export interface InvokeOptions {
  /** Gives the invocation up: it throws CANCELLED. Whether the function ran is then unknown. */
  readonly signal?: AbortSignal;
}

/** Invokes functions by the Lambda Invoke API, in AWS or on this machine. */
export interface InvokeClient {
  /**
   * Invokes a function (its name or ARN), waits, and returns what it answered, parsed. Tries again while the service is
   * at fault, with waits that grow; so a function may run more than once. Throws the error that the function raised,
   * FUNCTION_NOT_FOUND, FUNCTION_ACCESS_DENIED, FUNCTION_UNAVAILABLE, REQUEST_TOO_LARGE, REQUEST_MALFORMED,
   * RESPONSE_INVALID, CANCELLED.
   */
  invoke(functionName: string, event: unknown, options?: InvokeOptions): Promise<unknown>;
  /** Closes the connections. */
  close(): void;
}

/** The endpoint of one machine asks for no credentials, but the protocol wants a signature. */
const loopbackCredentials = { accessKeyId: 'loopback', secretAccessKey: 'loopback' };

/**
 * A client of the Invoke API. An endpoint on loopback is given no credentials of the person; any other gets those that
 * the AWS SDK finds in its usual places.
 */
export function createInvokeClient(settings: InvokeClientSettings): InvokeClient {
  const { endpointUrl, region, attempts = 4, timeoutSeconds = 60 } = settings;
  const local = endpointUrl !== null && isLoopback(endpointUrl);
  const client = new LambdaClient({
    region,
    maxAttempts: attempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: 5000,
      requestTimeout: timeoutSeconds * 1000,
      throwOnRequestTimeout: true,
    },
    ...(endpointUrl === null ? {} : { endpoint: endpointUrl }),
    ...(local ? { credentials: loopbackCredentials } : {}),
  });
  return {
    invoke: async (functionName, event, options = {}) =>
      readAnswer(functionName, await send(functionName, event, options)),
    close: () => {
      client.destroy();
    },
  };

  async function send(functionName: string, event: unknown, { signal }: InvokeOptions): Promise<InvokeCommandOutput> {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) });
    try {
      return await client.send(command, signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      throw serviceErrorToPlatformError(error, functionName, endpointUrl ?? `Lambda in ${region}`);
    }
  }
}

/** Whether `url` names this machine by a loopback address or name. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function readAnswer(functionName: string, answer: InvokeCommandOutput): unknown {
  const text = answer.Payload?.transformToString('utf-8') ?? '';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PlatformError('RESPONSE_INVALID', `the function ${functionName} answered something that is not JSON`, {
      cause: error,
    });
  }
  if (answer.FunctionError !== undefined) throw functionErrorToPlatformError(functionName, value);
  return value;
}
