/** What becomes of a task whose attempt ended without a result. */
export type RetryDecision =
  | { readonly retry: true; readonly not_before: Date; readonly reason: string }
  | { readonly retry: false; readonly reason: string };

/** An attempt that ended without a result. `attempts` counts this one too. */
export interface EndedAttempt {
  readonly attempts: number;
  readonly max_attempts: number;
  /** Whether the same work may succeed later without a change by a person. */
  readonly retryable: boolean;
}

const firstWaitSeconds = 15;
const waitFactor = 4;
const longestWaitSeconds = 900;

/** Seconds that a task waits after its failed attempt number `attempts`: 15, 60, 240, then 900. */
export function retryWaitSeconds(attempts: number): number {
  return Math.min(longestWaitSeconds, firstWaitSeconds * waitFactor ** (attempts - 1));
}

/** Decides after an agent reported a failure: a wait that grows, so that a store that is down is not stormed. */
export function decideRetryAfterFailure(attempt: EndedAttempt, now: Date): RetryDecision {
  if (!attempt.retryable) return { retry: false, reason: 'the error does not pass by itself' };
  if (attempt.attempts >= attempt.max_attempts) return { retry: false, reason: outOfAttempts(attempt) };
  const seconds = retryWaitSeconds(attempt.attempts);
  return {
    retry: true,
    not_before: new Date(now.getTime() + seconds * 1000),
    reason: `attempt ${attempt.attempts} of ${attempt.max_attempts} failed; the next one starts in ${seconds} seconds`,
  };
}

/**
 * Decides after a lease ended without a word from its holder: at once, since the length of the lease has been waited
 * already. It counts as an attempt, because a task that kills its agents must not go round for ever.
 */
export function decideRetryAfterLostLease(attempt: Omit<EndedAttempt, 'retryable'>, now: Date): RetryDecision {
  if (attempt.attempts >= attempt.max_attempts) return { retry: false, reason: outOfAttempts(attempt) };
  return {
    retry: true,
    not_before: now,
    reason: `the agent of attempt ${attempt.attempts} of ${attempt.max_attempts} was not heard of until its lease ended`,
  };
}

function outOfAttempts(attempt: Omit<EndedAttempt, 'retryable'>): string {
  return `attempt ${attempt.attempts} of ${attempt.max_attempts} was the last one`;
}
