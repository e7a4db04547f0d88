import { expect, it } from 'vitest';
import { defaultAgentSettings, parseAgentSettings } from './settings.ts';

it('gives what is left out its default', () => {
  expect(parseAgentSettings('{}')).toEqual(defaultAgentSettings);
  expect(parseAgentSettings('{"workers": 3}')).toEqual({ ...defaultAgentSettings, workers: 3 });
});

it.each([
  ['{', 'not JSON'],
  ['[]', 'expected object'],
  ['{"lease_seconds": 4}', 'lease_seconds'],
  ['{"lease_seconds": 5.5}', 'lease_seconds'],
  ['{"workers": 0}', 'workers'],
  ['{"poll_seconds": "2"}', 'poll_seconds'],
  ['{"leese_seconds": 60}', 'leese_seconds'],
  ['{"limit_upload": "10M"}', 'limit_upload'],
  ['{"limit_upload": ["fast"]}', '"fast" is no rate'],
  ['{"limit_download": ["63K"]}', 'at least 64 KiB'],
  ['{"limit_time_zone": "Europe/Bonn"}', 'Europe/Bonn'],
  ['{"connections": 0}', 'connections'],
])('refuses %s', (text, reason) => {
  expect(() => parseAgentSettings(text)).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
  expect(() => parseAgentSettings(text)).toThrow(reason);
});
