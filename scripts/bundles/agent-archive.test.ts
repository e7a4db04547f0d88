import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { checkIntegrity, lockedPackage } from './locked-package.ts';
import { tarParts, type TarFile } from './write-tar.ts';

const file = (path: string, content: string, isExecutable = false): TarFile => ({
  path,
  content: Buffer.from(content),
  isExecutable,
});

it('writes archives that tar unpacks as they were meant', () => {
  const folder = temporaryDirectoryForTest('tar');
  const long = `${'folder/'.repeat(20)}${'n'.repeat(90)}`;
  const files = [file('machine/install.sh', '#!/bin/sh\n', true), file(long, 'x'.repeat(512)), file('empty', '')];
  writeFileSync(join(folder, 'some.tar'), Buffer.concat([...tarParts(files)]));
  execFileSync('tar', ['-xf', 'some.tar'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  expect(readFileSync(join(folder, long), 'utf8')).toBe('x'.repeat(512));
  expect(readFileSync(join(folder, 'empty'), 'utf8')).toBe('');
  const listing = execFileSync('tar', ['-tvf', 'some.tar'], { cwd: folder, encoding: 'utf8', env: { TZ: 'UTC' } });
  expect(listing).toMatch(/^drwxr-xr-x root\/root +0 1980-01-01 00:00 machine\/$/m);
  expect(listing).toMatch(/^-rwxr-xr-x root\/root +10 1980-01-01 00:00 machine\/install\.sh$/m);
  expect(listing).toMatch(/^-rw-r--r-- root\/root +0 1980-01-01 00:00 empty$/m);
});

it('gives the same bytes whatever the order of the files', () => {
  const files = [file('b/c', '1'), file('a', '2'), file('b-c', '3')];
  const archive = Buffer.concat([...tarParts(files)]);
  expect(Buffer.concat([...tarParts(files.toReversed())]).equals(archive)).toBe(true);
});

it('refuses a path that the format has no room for', () => {
  expect(() => [...tarParts([file('n'.repeat(101), '')])]).toThrow('too long');
});

it('takes packages only as the lockfile pins them', () => {
  const bytes = Buffer.from('a package');
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  expect(() => checkIntegrity('some', bytes, integrity)).not.toThrow();
  expect(() => checkIntegrity('some', Buffer.from('another'), integrity)).toThrow('some has the integrity');
});

it('finds the installed package, and names one that is not pinned', () => {
  const root = temporaryDirectoryForTest('locked');
  const packages = { 'node_modules/some': { version: '1.2.3', integrity: 'sha512-' } };
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  const folder = join(root, 'node_modules/some');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"version": "1.2.3"}');
  expect(lockedPackage(root, 'some')).toBe(folder);
  expect(() => lockedPackage(root, 'other')).toThrow('other is not in package-lock.json');
});
