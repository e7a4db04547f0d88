import { PlatformError } from '@enterprise-backup/contracts/errors';
import { describe, expect, it } from 'vitest';
import { jsonLog } from './json-log.ts';
import { persistently } from './persistently.ts';

const lines: string[] = [];
const log = jsonLog({ clock: { now: () => new Date(0) }, write: (line) => lines.push(line) });
const quick = { what: 'test', random: () => 0, log, bounds: { first_milliseconds: 1, longest_milliseconds: 2 } };
const never = new AbortController().signal;

/** A call that answers with each of these in turn: an error is thrown. */
function script(...answers: (string | Error)[]): { readonly call: () => Promise<string>; readonly left: () => number } {
  const call = (): Promise<string> => {
    const next = answers.shift() ?? new TypeError('the call was made too often');
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  return { call, left: () => answers.length };
}

const unavailable = new PlatformError('FUNCTION_UNAVAILABLE', 'no answer');

describe('a call that is made until it is answered', () => {
  it('goes on through an outage and tells of it once', async () => {
    lines.length = 0;
    const { call, left } = script(unavailable, new PlatformError('CATALOG_UNAVAILABLE', 'down'), unavailable, 'answer');
    expect(await persistently(call, { ...quick, until: never })).toBe('answer');
    expect(left()).toBe(0);
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      'the function does not answer; trying again',
      'the function answers again',
    ]);
  });

  it('ends with an error that does not pass', async () => {
    const { call, left } = script(unavailable, new PlatformError('LEASE_LOST', 'gone'), 'not reached');
    await expect(persistently(call, { ...quick, until: never })).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(left()).toBe(1);
  });

  it('ends when it is told to', async () => {
    const until = new AbortController();
    let calls = 0;
    const call = (): Promise<string> => {
      calls += 1;
      if (calls === 3) until.abort();
      return Promise.reject(unavailable);
    };
    await expect(persistently(call, { ...quick, until: until.signal })).rejects.toBe(unavailable);
    expect(calls).toBe(3);
  });

  it('leaves a long wait when it is told to, for one last try', async () => {
    const until = new AbortController();
    const { call } = script(unavailable, 'answer');
    const bounds = { first_milliseconds: 3_600_000, longest_milliseconds: 3_600_000 };
    const answer = persistently(call, { ...quick, bounds, until: until.signal });
    setImmediate(() => {
      until.abort();
    });
    expect(await answer).toBe('answer');
  });
});
