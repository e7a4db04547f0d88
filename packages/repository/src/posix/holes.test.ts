import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it, onTestFinished } from 'vitest';
import { cloneFile } from './clone-file.ts';
import { isHole, nextDataRegion, punchHole } from './holes.ts';
import { syncFileSystem } from './sync-file-system.ts';

const MiB = 1024 * 1024;

const newFile = (name: string): { readonly path: string; readonly descriptor: number } => {
  const path = join(temporaryDirectoryForTest('holes'), name);
  const descriptor = openSync(path, 'w+');
  onTestFinished(() => {
    closeSync(descriptor);
  });
  return { path, descriptor };
};

it('knows holes without reading them, and no data for a hole', () => {
  const { descriptor } = newFile('sparse');
  writeSync(descriptor, Buffer.alloc(MiB, 1), 0, MiB, 5 * MiB);
  ftruncateSync(descriptor, 9 * MiB);
  const hole = (offset: number, length: number) => isHole(descriptor, offset, length, 9 * MiB);
  expect([hole(0, MiB), hole(MiB, 4 * MiB), hole(7 * MiB, 2 * MiB)]).toEqual([true, true, true]);
  expect([hole(5 * MiB, MiB), hole(4 * MiB, 2 * MiB), hole(8 * MiB, 2 * MiB), hole(20 * MiB, 1)]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

it('finds the parts that hold data, one after the other, and none in a hole', () => {
  const { descriptor } = newFile('islands');
  const TiB = 1024 * 1024 * MiB;
  writeSync(descriptor, Buffer.alloc(MiB, 1), 0, MiB, 5 * MiB);
  writeSync(descriptor, Buffer.alloc(2 * MiB, 1), 0, 2 * MiB, TiB);
  ftruncateSync(descriptor, 2 * TiB);
  const next = (offset: number) => nextDataRegion(descriptor, offset, 2 * TiB);
  expect(next(0)).toEqual({ start: 5 * MiB, end: 6 * MiB });
  expect(next(5 * MiB + 100)).toEqual({ start: 5 * MiB + 100, end: 6 * MiB });
  expect(next(6 * MiB)).toEqual({ start: TiB, end: TiB + 2 * MiB });
  expect([next(TiB + 2 * MiB), next(2 * TiB), next(3 * TiB)]).toEqual([null, null, null]);
  // A file that grew: what lies beyond the size that was asked for is not told of.
  expect(nextDataRegion(descriptor, 6 * MiB, TiB)).toBeNull();
  expect(nextDataRegion(descriptor, 6 * MiB, TiB + MiB)).toEqual({ start: TiB, end: TiB + MiB });
});

it('takes all that is left for data where holes cannot be told', () => {
  const { path, descriptor } = newFile('full');
  writeSync(descriptor, Buffer.alloc(3 * MiB, 1));
  expect(readFileSync(path).length).toBe(3 * MiB);
  expect(nextDataRegion(descriptor, MiB, 3 * MiB)).toEqual({ start: MiB, end: 3 * MiB });
  expect(nextDataRegion(99_999, 10, 100)).toEqual({ start: 10, end: 100 });
});

it('makes holes, which read as zeros and leave the rest and the length', () => {
  const { path, descriptor } = newFile('full');
  writeSync(descriptor, Buffer.alloc(4 * MiB, 7));
  const before = fstatSync(descriptor).blocks;
  if (!punchHole(descriptor, MiB, 2 * MiB)) return;
  expect(fstatSync(descriptor).blocks).toBeLessThan(before);
  const content = readFileSync(path);
  expect(content.length).toBe(4 * MiB);
  expect(content.subarray(MiB, 3 * MiB).every((byte) => byte === 0)).toBe(true);
  expect([content[MiB - 1], content[3 * MiB]]).toEqual([7, 7]);
});

it('shares blocks with a file, or leaves the new one empty', () => {
  const [from, to] = [newFile('from'), newFile('to')];
  writeSync(from.descriptor, Buffer.alloc(MiB, 3));
  const cloned = cloneFile(from.descriptor, to.descriptor);
  expect(readFileSync(to.path).length).toBe(cloned ? MiB : 0);
  if (cloned) expect(readFileSync(to.path).equals(readFileSync(from.path))).toBe(true);
});

it('writes a file system to the disk, and says why it cannot', () => {
  const { path, descriptor } = newFile('synced');
  syncFileSystem(descriptor, Buffer.from(path));
  expect(() => {
    syncFileSystem(9999, Buffer.from(path));
  }).toThrow(expect.objectContaining({ code: 'EBADF' }) as Error);
});
