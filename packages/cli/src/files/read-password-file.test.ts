import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPasswordFile } from './read-password-file.ts';

it.each([
  ['a line feed', 'secret\n'],
  ['Windows line ends and blanks', ' \tsecret \r\n'],
  ['a byte order mark and the next-line character', '\ufeffsecret\u0085'],
])('leaves %s out, as restic does', async (_what, content) => {
  const file = join(temporaryDirectoryForTest('password'), 'password');
  writeFileSync(file, content);
  expect(await readPasswordFile(file)).toBe('secret');
});

it('keeps white space inside', async () => {
  const file = join(temporaryDirectoryForTest('password'), 'password');
  writeFileSync(file, 'correct horse\nbattery\n');
  expect(await readPasswordFile(file)).toBe('correct horse\nbattery');
});

it('says that a password is missing, and never what the file holds', async () => {
  const folder = temporaryDirectoryForTest('password');
  writeFileSync(join(folder, 'empty'), ' \n');
  await expect(readPasswordFile(undefined)).rejects.toMatchObject({ code: 'PASSWORD_MISSING' });
  await expect(readPasswordFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'PASSWORD_MISSING' });
  await expect(readPasswordFile(join(folder, 'empty'))).rejects.toMatchObject({ code: 'PASSWORD_MISSING' });
});
