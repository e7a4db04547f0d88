import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { isWithin, realLocation, repositoryFolder } from './real-location.ts';

it('resolves links as far as the path exists', async () => {
  const folder = temporaryDirectoryForTest('real');
  mkdirSync(join(folder, 'real/sub'), { recursive: true });
  symlinkSync('real', join(folder, 'link'));
  symlinkSync('nowhere', join(folder, 'dangling'));
  expect(await realLocation(join(folder, 'link/sub'))).toBe(join(folder, 'real/sub'));
  expect(await realLocation(join(folder, 'link/not/there/yet'))).toBe(join(folder, 'real/not/there/yet'));
  expect(await realLocation(join(folder, 'dangling/below'))).toBe(join(folder, 'dangling/below'));
  expect(await realLocation('/')).toBe('/');
});

it.each([
  ['/a', '/a', true],
  ['/a/b', '/a', true],
  ['/ab', '/a', false],
  ['/a', '/a/b', false],
  ['/a', '/', true],
])('tells whether %s is within %s', (path, folder, within) => {
  expect(isWithin(path, folder)).toBe(within);
});

it('knows no folder for a repository in S3', async () => {
  expect(await repositoryFolder('s3:https://host/bucket/prefix')).toBeNull();
});
