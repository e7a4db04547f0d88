import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { accountNames, readAccountNames } from './user-names.ts';

it('knows root and the user of this process', () => {
  expect(accountNames().userName(0)).toBe('root');
  expect(accountNames().userName(userInfo().uid)).toBe(userInfo().username);
});

it('takes the first entry of an id, passes over other lines, and gives nothing for an unknown id', () => {
  const folder = temporaryDirectoryForTest('names');
  const [passwd, group] = [join(folder, 'passwd'), join(folder, 'group')];
  writeFileSync(
    passwd,
    'alice:x:1000:1000:Alice:/home/alice:/bin/sh\nalias:x:1000:1:::\n# comment\n+::::::\nbob:x::\n',
  );
  writeFileSync(group, 'staff:x:50:alice,bob\n');
  const names = readAccountNames(passwd, group);
  expect(names.userName(1000)).toBe('alice');
  expect(names.userName(0)).toBe('');
  expect(names.groupName(50)).toBe('staff');
  expect(names.groupName(1000)).toBe('');
});

it('gives nothing on a machine without these files', () => {
  const names = readAccountNames('/nowhere/passwd', '/nowhere/group');
  expect(names.userName(0)).toBe('');
  expect(names.groupName(0)).toBe('');
});
