import { describe, expect, it } from 'vitest';
import { decideRetryAfterFailure, decideRetryAfterLostLease, retryWaitSeconds } from './retry-decision.ts';

const now = new Date('2026-06-01T00:00:00.000Z');

describe('the wait before the next attempt', () => {
  it('grows up to a quarter of an hour', () => {
    expect([1, 2, 3, 4, 5, 60].map(retryWaitSeconds)).toEqual([15, 60, 240, 900, 900, 900]);
  });
});

describe('a reported failure', () => {
  it('is tried again later when it may pass by itself', () => {
    expect(decideRetryAfterFailure({ attempts: 2, max_attempts: 5, retryable: true }, now)).toEqual({
      retry: true,
      not_before: new Date('2026-06-01T00:01:00.000Z'),
      reason: 'attempt 2 of 5 failed; the next one starts in 60 seconds',
    });
  });

  it.each([
    ['a person has to change something', { attempts: 1, max_attempts: 5, retryable: false }],
    ['it was the last attempt', { attempts: 5, max_attempts: 5, retryable: true }],
    ['more attempts than allowed were made', { attempts: 6, max_attempts: 5, retryable: true }],
  ])('is final when %s', (_, attempt) => {
    expect(decideRetryAfterFailure(attempt, now).retry).toBe(false);
  });
});

describe('a lost lease', () => {
  it('is followed by the next attempt at once', () => {
    expect(decideRetryAfterLostLease({ attempts: 1, max_attempts: 5 }, now)).toMatchObject({
      retry: true,
      not_before: now,
    });
  });

  it('is final after the last attempt', () => {
    expect(decideRetryAfterLostLease({ attempts: 5, max_attempts: 5 }, now)).toEqual({
      retry: false,
      reason: 'attempt 5 of 5 was the last one',
    });
  });
});
