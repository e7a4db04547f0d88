import { expect, it } from 'vitest';
import { limitsInForce } from './limits-in-force.ts';
import { defaultAgentSettings, type AgentSettings } from './settings.ts';

it('are none by default, shared by all tasks, and new when the settings ask for others', () => {
  let settings: AgentSettings = defaultAgentSettings;
  const limits = limitsInForce({ current: () => settings, close: () => undefined });
  expect(limits()).toBeNull();

  settings = { ...settings, limit_upload: ['08:00-18:00=2M', '10M'], limit_time_zone: 'Europe/Berlin', connections: 4 };
  const shared = limits();
  expect(shared?.limits).toEqual({
    up: [
      { bytesPerSecond: 2 * 1024 ** 2, window: { from: 480, to: 1080 } },
      { bytesPerSecond: 10 * 1024 ** 2, window: null },
    ],
    down: [],
    timeZone: 'Europe/Berlin',
    connections: 4,
  });
  settings = { ...settings, workers: 3 };
  expect(limits()).toBe(shared);

  settings = { ...settings, limit_upload: [], connections: null };
  expect(limits()).toBeNull();
});
