import { expect, it } from 'vitest';
import { agentStateOf } from './agent-state.ts';

const now = new Date('2026-06-01T00:10:00.000Z');
const recently = '2026-06-01T00:09:00.000Z';
const longAgo = '2026-06-01T00:00:00.000Z';

it.each([
  [{ state: 'ready', last_seen_at: recently, held_tasks: 0 }, 'ready'],
  [{ state: 'ready', last_seen_at: recently, held_tasks: 2 }, 'busy'],
  [{ state: 'ready', last_seen_at: longAgo, held_tasks: 1 }, 'busy'],
  [{ state: 'draining', last_seen_at: recently, held_tasks: 1 }, 'draining'],
  [{ state: 'draining', last_seen_at: longAgo, held_tasks: 0 }, 'lost'],
  [{ state: 'ready', last_seen_at: longAgo, held_tasks: 0 }, 'lost'],
] as const)('an agent %j is %s', (agent, expected) => {
  expect(agentStateOf(agent, now)).toBe(expected);
});
