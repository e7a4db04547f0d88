import { toPlatformError } from '@enterprise-backup/contracts/errors';
import { backoffMilliseconds, type BackoffBounds } from './backoff.ts';
import { errorFields, type Log } from './json-log.ts';
import { pause } from './pause.ts';

/** How a call is repeated. */
export interface Persistence {
  /** What the call is for, as it stands in the log. */
  readonly what: string;
  /** Once aborted, the next failure is thrown. */
  readonly until: AbortSignal;
  readonly bounds?: BackoffBounds;
  readonly random: () => number;
  readonly log: Log;
}

const defaultBounds: BackoffBounds = { first_milliseconds: 500, longest_milliseconds: 15_000 };

/**
 * Calls until it is answered. A call fails for good with an error that does not pass by itself; one of the kind
 * `unavailable` is repeated after a wait that grows. The log tells of the first failure and of the end of the outage.
 */
export async function persistently<Answer>(call: () => Promise<Answer>, persistence: Persistence): Promise<Answer> {
  const { what, until, bounds = defaultBounds, random, log } = persistence;
  for (let failures = 0; ;) {
    try {
      const answer = await call();
      if (failures > 0) log.info('the function answers again', { what, failures });
      return answer;
    } catch (error) {
      if (until.aborted || toPlatformError(error).kind !== 'unavailable') throw error;
      failures += 1;
      if (failures === 1) log.warn('the function does not answer; trying again', { what, ...errorFields(error) });
    }
    await pause(backoffMilliseconds(failures, bounds, random()), until);
  }
}
