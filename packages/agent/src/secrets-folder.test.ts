import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';
import { secretsFolder } from './secrets-folder.ts';

const folderWith = (content: string, mode = 0o600): string => {
  const folder = temporaryDirectoryForTest('secrets');
  const file = join(folder, 'password');
  writeFileSync(file, content);
  chmodSync(file, mode);
  return folder;
};
const read = (folder: string, name = 'password'): Promise<string> => secretsFolder(folder).read(name);

describe('a folder of secrets', () => {
  it.each([
    ['pass word\n', 'pass word'],
    ['pass\r\n', 'pass'],
    [' pass\n\n', ' pass\n'],
    ['pass', 'pass'],
  ])('gives the content %j as %j', async (content, value) => {
    expect(await read(folderWith(content))).toBe(value);
  });

  it('gives a changed secret at the next reading', async () => {
    const folder = folderWith('old');
    const secrets = secretsFolder(folder);
    expect(await secrets.read('password')).toBe('old');
    writeFileSync(join(folder, 'password'), 'new');
    expect(await secrets.read('password')).toBe('new');
  });

  it.each([0o640, 0o604, 0o620, 0o601, 0o777])('refuses a file of mode %o', async (mode) => {
    const failure = read(folderWith('secret-value', mode));
    await expect(failure).rejects.toMatchObject({ code: 'SECRET_EXPOSED' });
    await expect(failure).rejects.not.toThrow('secret-value');
  });

  it('says which file is missing or empty', async () => {
    await expect(read(temporaryDirectoryForTest('secrets'))).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    await expect(read(temporaryDirectoryForTest('secrets'))).rejects.toThrow('password cannot be opened (ENOENT)');
    await expect(read(folderWith('\n'))).rejects.toMatchObject({ code: 'SECRET_MISSING' });
  });

  it.each(['../password', 'sub/password', '.', '..', '', '.hidden', 'a\0b', 'arn:aws:secretsmanager:x'])(
    'refuses the name %j',
    async (name) => {
      await expect(read(folderWith('value'), name)).rejects.toThrow('cannot be the name of a file');
    },
  );
});
