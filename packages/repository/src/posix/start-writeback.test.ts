import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { startWriteback } from './start-writeback.ts';

it('leaves a file as it is, and what cannot be begun alone', () => {
  const path = join(temporaryDirectoryForTest('writeback'), 'file');
  const descriptor = openSync(path, 'w');
  const data = Buffer.alloc(300_000, 'content');
  writeSync(descriptor, data, 0, data.byteLength, 100_000);
  startWriteback(descriptor, 100_000, data.byteLength);
  startWriteback(descriptor, 5_000_000_000, 1);
  closeSync(descriptor);
  startWriteback(descriptor, 0, 1);
  expect(readFileSync(path).equals(Buffer.concat([Buffer.alloc(100_000), data]))).toBe(true);
});
