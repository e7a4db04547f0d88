import type { AwsPlace } from './aws-clients.ts';
import { failureAdvice } from './failure-advice.ts';
import { eventsAfter, type StackEvent } from './stack-events.ts';

/** The resource whose failure ended an operation, and what to do about it. */
export interface Failure {
  readonly logical_id: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly advice: string;
}

const nestedStack = 'AWS::CloudFormation::Stack';

/**
 * The first failure among the events of an operation. When a nested stack failed, the resource in it that made it fail.
 * Null when no resource failed.
 */
export async function firstFailure(
  place: AwsPlace,
  stackId: string,
  events: readonly StackEvent[],
): Promise<Failure | null> {
  const failed = events.find((event) => isFailure(event, stackId));
  if (failed === undefined) return null;
  const { physical_id } = failed;
  if (failed.type === nestedStack && physical_id?.startsWith('arn:') === true && physical_id !== stackId) {
    const inner = await firstFailure(place, physical_id, await eventsAfter(place, physical_id, null));
    if (inner !== null) return { ...inner, logical_id: `${failed.logical_id}.${inner.logical_id}` };
  }
  const reason = failed.reason ?? 'CloudFormation gives no reason';
  return {
    logical_id: failed.logical_id,
    type: failed.type,
    status: failed.status,
    reason,
    advice: failureAdvice(failed.type, reason),
  };
}

/** What was cancelled failed only because something else had. */
function isFailure({ status, reason, physical_id }: StackEvent, stackId: string): boolean {
  return status.endsWith('_FAILED') && physical_id !== stackId && !/cancelled/i.test(reason ?? '');
}
