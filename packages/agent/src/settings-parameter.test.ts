import { systemClock } from '@enterprise-backup/contracts/clock';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { jsonLog } from './json-log.ts';
import { defaultAgentSettings } from './settings.ts';
import type { SettingsSource } from './settings-file.ts';
import { followSettingsParameter } from './settings-parameter.ts';

/** The parameter's text; an error stands for a service that does not answer. */
let parameter: string | null | Error;
let log: string;
let rejected: number;

beforeEach(() => {
  log = '';
  rejected = 0;
});

async function follow(): Promise<SettingsSource> {
  const source = await followSettingsParameter({
    read: () => (parameter instanceof Error ? Promise.reject(parameter) : Promise.resolve(parameter)),
    everySeconds: 0.001,
    log: jsonLog({ clock: systemClock, write: (line) => (log += line) }),
    onRejected: () => (rejected += 1),
  });
  onTestFinished(() => source.close());
  return source;
}

it('follows the parameter, and keeps what was in force when it is wrong', async () => {
  parameter = '{"workers": 2}';
  const source = await follow();
  expect(source.current()).toEqual({ ...defaultAgentSettings, workers: 2 });
  parameter = '{"workers": 3}';
  await expect.poll(() => source.current().workers).toBe(3);
  parameter = '{"workers": 0}';
  await expect.poll(() => log).toContain('SETTINGS_INVALID');
  expect(source.current().workers).toBe(3);
  parameter = new Error('no answer');
  await expect.poll(() => log).toContain('the settings cannot be read');
  expect(source.current().workers).toBe(3);
  parameter = '{"workers": 4}';
  await expect.poll(() => source.current().workers).toBe(4);
  expect(rejected).toBe(1);
  expect(log.match(/are not used/g)).toHaveLength(1);
});

it.each([null, new Error('no answer'), '{"workers": 0}'])('starts with the defaults for %s', async (found) => {
  parameter = found;
  expect((await follow()).current()).toEqual(defaultAgentSettings);
});
