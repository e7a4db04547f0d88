import { spawnSync } from 'node:child_process';
import { chmodSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { checkEffectiveAccess } from './effective-access.ts';

const ways = constants.W_OK | constants.X_OK;

it('says yes to what may be done, and names what is not there', () => {
  const folder = temporaryDirectoryForTest('effective-access');
  expect(() => checkEffectiveAccess(Buffer.from(folder), ways)).not.toThrow();
  const absent = Buffer.from(join(folder, 'absent'));
  expect(() => checkEffectiveAccess(absent, ways)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

/** Asks as user 65534, with or without the right to pass by permissions. */
const askAs = (folder: string, capabilities: string): string => {
  const script = `
    const { checkEffectiveAccess } = await import('${join(import.meta.dirname, 'effective-access.ts')}');
    try { checkEffectiveAccess(Buffer.from(process.argv[1]), ${ways}); console.log('yes'); } catch (error) { console.log(error.code); }`;
  const user = ['--reuid=65534', '--regid=65534', '--clear-groups', `--inh-caps=${capabilities}`];
  const node = [process.execPath, '--input-type=module', '-e', script, folder];
  const result = spawnSync('setpriv', [...user, `--ambient-caps=${capabilities}`, '--', ...node], { encoding: 'utf8' });
  return result.stdout.trim();
};

const hasSetpriv = spawnSync('setpriv', ['--version']).status === 0;

it.skipIf(!isRoot || !hasSetpriv)('counts the capabilities of a service under its own user', () => {
  const parent = temporaryDirectoryForTest('effective-access');
  chmodSync(parent, 0o755);
  const folder = join(parent, 'private');
  mkdirSync(folder, { mode: 0o700 });
  expect(askAs(folder, '+dac_override,+dac_read_search')).toBe('yes');
  expect(askAs(folder, '+dac_read_search')).toBe('EACCES');
});
