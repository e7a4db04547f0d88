import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { FunctionHandler } from '@enterprise-backup/contracts/invocation';
import { jsonLog, type Log } from '@enterprise-backup/agent/json-log';
import { systemClock } from '@enterprise-backup/contracts/clock';
import {
  startLambdaEndpoint,
  type LambdaEndpoint,
  type LambdaEndpointSettings,
} from '../src/endpoint/lambda-endpoint.ts';
import { LocalFunction, type LocalFunctionSettings } from '../src/endpoint/local-function.ts';
import { addToInvocation } from '../src/invocation-output.ts';

/** A log whose lines a test can read. */
export function collectingLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  return { log: jsonLog({ clock: systemClock, write: (line) => lines.push(line) }), lines };
}

/** Answers what it was sent, with the id of the invocation. */
export const echo: FunctionHandler = (event, context) => {
  addToInvocation(`echo in ${context.awsRequestId}\n`);
  return Promise.resolve({ event, request_id: context.awsRequestId });
};

/** Raises an error of the platform, as its functions do. */
export const refuse: FunctionHandler = () =>
  Promise.reject(new PlatformError('BACKUP_NOT_FOUND', 'there is no backup backup-9'));

export function offered(
  name: string,
  handler: FunctionHandler,
  more: Partial<LocalFunctionSettings> = {},
): LocalFunction {
  return new LocalFunction({ name, handler, monotonic: () => performance.now(), ...more });
}

/** An endpoint on a free port with these functions. */
export function startExampleEndpoint(
  functions: readonly LocalFunction[],
  more: Partial<LambdaEndpointSettings> = {},
): Promise<LambdaEndpoint> {
  return startLambdaEndpoint({ functions, port: 0, region: 'us-east-1', log: collectingLog().log, ...more });
}
