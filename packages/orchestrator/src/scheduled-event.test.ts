import { expect, it } from 'vitest';
import { isScheduledEvent } from './scheduled-event.ts';

it("knows EventBridge's scheduled event", () => {
  const event = {
    version: '0',
    id: '89d1a02d-5ec7-412e-82f5-13505f849b41',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '123456789012',
    time: '2026-11-22T23:00:00Z',
    region: 'eu-central-1',
    resources: ['arn:aws:events:eu-central-1:123456789012:rule/tick'],
    detail: {},
  };
  expect(isScheduledEvent(event)).toBe(true);
  expect(isScheduledEvent({ ...event, source: 'aws.ec2' })).toBe(false);
  expect(isScheduledEvent({ ...event, 'detail-type': 'EC2 Instance State-change Notification' })).toBe(false);
});

it.each([null, 'tick', [], { action: 'tick' }])('takes %j for no scheduled event', (event) => {
  expect(isScheduledEvent(event)).toBe(false);
});
