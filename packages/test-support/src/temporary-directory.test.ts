import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory, temporaryDirectoryForTest } from './temporary-directory.ts';

it('removes folders of mode 0 and names that are not UTF-8', () => {
  const directory = temporaryDirectory('removal');
  const closed = join(directory.path, 'closed');
  mkdirSync(closed);
  writeFileSync(Buffer.concat([Buffer.from(`${closed}/`), Buffer.from([0xff, 0xfe])]), 'content');
  chmodSync(closed, 0);
  directory.remove();
  expect(existsSync(directory.path)).toBe(false);
  directory.remove();
});

let pathOfPreviousTest = '';

it('gives a test an empty folder', () => {
  pathOfPreviousTest = temporaryDirectoryForTest('per-test');
  expect(existsSync(pathOfPreviousTest)).toBe(true);
});

it('removes the folder of a test when the test has ended', () => {
  expect(pathOfPreviousTest).not.toBe('');
  expect(existsSync(pathOfPreviousTest)).toBe(false);
});
