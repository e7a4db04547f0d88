import { expect, it } from 'vitest';
import { eventLine, stackLine } from './stack-display.ts';

const event = {
  event_id: '1',
  at: '2026-11-23T03:24:08.123Z',
  logical_id: 'MetadataDatabase',
  physical_id: null,
  type: 'AWS::RDS::DBInstance',
  status: 'CREATE_FAILED',
  reason: 'Cannot find version\n8.4.9',
};

it('writes an event as one line, with the reason of a failure', () => {
  expect(eventLine(event)).toBe(
    '03:24:08  CREATE_FAILED         MetadataDatabase (AWS::RDS::DBInstance): Cannot find version\\n8.4.9',
  );
  expect(eventLine({ ...event, status: 'CREATE_IN_PROGRESS' })).not.toContain('version');
});

it('never draws a line that is longer than the terminal', () => {
  expect(stackLine('create', 12, 48, '3 s', 60)).toBe('create  [######------------------]  12 of 48 resources  3 s');
  expect(stackLine('create', 60, 48, 'long '.repeat(40), 50)).toHaveLength(50);
});
