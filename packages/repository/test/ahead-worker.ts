import { setTimeout as pause } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { serveRequests } from '../src/worker/serve-requests.ts';

/** A request of the tests of what begins ahead. */
export interface AheadRequest {
  readonly name: string;
  /** Milliseconds that the work takes. */
  readonly work: number;
  readonly failsToBegin?: boolean;
}

/** What had happened in the thread by the end of the request. */
export type AheadResponse = readonly string[];

const events: string[] = [];

serveRequests<AheadRequest, AheadResponse, string>(
  async ({ name, work }, begun) => {
    events.push(`${name} in work with ${begun}`);
    await pause(work);
    events.push(`${name} done`);
    return [...events];
  },
  async ({ name, failsToBegin }) => {
    events.push(`${name} begun`);
    await pause(1);
    if (failsToBegin === true) throw new PlatformError('STORAGE_UNAVAILABLE', `${name} could not begin`);
    return `what ${name} began`;
  },
);
