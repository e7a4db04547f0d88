import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';
import { makeDevice, makeFifo } from './special-files.ts';

it('makes a named pipe with its permissions', () => {
  const path = join(temporaryDirectoryForTest('fifo'), 'pipe');
  makeFifo(Buffer.from(path), 0o600);
  const made = lstatSync(path);
  expect(made.isFIFO()).toBe(true);
  expect(made.mode & 0o7777).toBe(0o600);
});

it('refuses to replace what is there', () => {
  const path = Buffer.from(join(temporaryDirectoryForTest('fifo'), 'pipe'));
  makeFifo(path, 0o600);
  expect(() => {
    makeFifo(path, 0o600);
  }).toThrow(expect.objectContaining({ code: 'EEXIST' }));
});

describe.skipIf(!isRoot)('devices', () => {
  it.each([
    ['character', '/dev/null'],
    ['character', '/dev/tty'],
    ['block', null],
  ] as const)('makes a %s device', (kind, like) => {
    const path = join(temporaryDirectoryForTest('device'), 'device');
    // 7:300 needs more than the 8 bits that a minor number had once.
    const rdev =
      like === null ? (7n << 8n) | (300n & 0xffn) | ((300n >> 8n) << 20n) : lstatSync(like, { bigint: true }).rdev;
    makeDevice(Buffer.from(path), kind, 0o640, rdev);
    const made = lstatSync(path, { bigint: true });
    expect(made.isBlockDevice()).toBe(kind === 'block');
    expect(made.isCharacterDevice()).toBe(kind === 'character');
    expect(made.rdev).toBe(rdev);
    expect(Number(made.mode) & 0o7777).toBe(0o640);
  });
});

describe.skipIf(isRoot)('devices without root', () => {
  it('throws EPERM', () => {
    const path = Buffer.from(join(temporaryDirectoryForTest('device'), 'device'));
    expect(() => {
      makeDevice(path, 'character', 0o600, 259n);
    }).toThrow(expect.objectContaining({ code: 'EPERM' }));
  });
});
