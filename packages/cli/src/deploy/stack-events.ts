import { DescribeStackEventsCommand, type StackEvent as AwsStackEvent } from '@aws-sdk/client-cloudformation';
import type { AwsPlace } from './aws-clients.ts';
import { callAws } from './call-aws.ts';

/** One thing that happened to a resource, or to the stack itself. */
export interface StackEvent {
  readonly event_id: string;
  readonly at: string;
  readonly logical_id: string;
  readonly physical_id: string | null;
  readonly type: string;
  readonly status: string;
  readonly reason: string | null;
}

/** The events of a stack after the one with the id `after`, oldest first; all when it is null. */
export async function eventsAfter(
  { cloudFormation }: AwsPlace,
  stackId: string,
  after: string | null,
): Promise<readonly StackEvent[]> {
  const events: StackEvent[] = [];
  let token: string | undefined;
  for (;;) {
    const NextToken = token;
    const page = await callAws('read the events of the stack', () =>
      cloudFormation.send(
        new DescribeStackEventsCommand({ StackName: stackId, ...(NextToken === undefined ? {} : { NextToken }) }),
      ),
    );
    for (const event of page.StackEvents ?? []) {
      if (event.EventId === after) return events.toReversed();
      events.push(toEvent(event));
    }
    token = page.NextToken;
    if (token === undefined) return events.toReversed();
  }
}

function toEvent(event: AwsStackEvent): StackEvent {
  return {
    event_id: event.EventId ?? '',
    at: event.Timestamp?.toISOString() ?? '',
    logical_id: event.LogicalResourceId ?? '',
    physical_id: event.PhysicalResourceId ?? null,
    type: event.ResourceType ?? '',
    status: event.ResourceStatus ?? '',
    reason: event.ResourceStatusReason ?? null,
  };
}
