import type { Stack } from '@aws-sdk/client-cloudformation';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { StackDisplay } from '../progress/stack-display.ts';
import type { AwsPlace } from './aws-clients.ts';
import { pause } from './pause.ts';
import { eventsAfter, type StackEvent } from './stack-events.ts';
import { findStack } from './stack-status.ts';

/** How an operation on a stack ended. */
export interface EndedOperation {
  readonly stack: Stack;
  readonly status: string;
  /** Its events, oldest first. */
  readonly events: readonly StackEvent[];
}

/** Often enough for a person who watches, and far below CloudFormation's limit on calls. */
const secondsBetweenLooks = 3;

/**
 * Follows an operation on a stack to its end, whatever that is; `after` is the id of the last event before it, or null.
 * What it shows it shows once. Throws CANCELLED when the person no longer wants to watch, and what calls of AWS throw.
 */
export async function followStack(
  place: AwsPlace,
  stackId: string,
  after: string | null,
  display: StackDisplay,
  signal: AbortSignal,
): Promise<EndedOperation> {
  const events: StackEvent[] = [];
  for (;;) {
    // The state first: what it was caused by is then among the events that are read after it.
    const stack = await findStack(place, stackId);
    if (stack === null) throw new PlatformError('STACK_NOT_FOUND', `the stack ${stackId} is gone`);
    const fresh = await eventsAfter(place, stackId, events.at(-1)?.event_id ?? after);
    events.push(...fresh);
    for (const event of fresh) display.event(event);
    const status = stack.StackStatus ?? '';
    if (hasEnded(status) && events.length > 0) return { stack, status, events };
    await pause(secondsBetweenLooks, signal);
  }
}

/** A plan that was just executed leaves a new stack under review for a moment. */
function hasEnded(status: string): boolean {
  return !status.endsWith('_IN_PROGRESS');
}
