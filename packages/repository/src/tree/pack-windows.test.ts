import { createHash, randomBytes } from 'node:crypto';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { asPackId, type PackId } from '../format/blob.ts';
import { openStorage } from '../storage/open-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { PackWindows } from './pack-windows.ts';

const mebibyte = 1024 * 1024;

interface StoredPack {
  readonly id: PackId;
  readonly data: Buffer;
}

/** A storage with packs of these sizes, which counts what is read from it. */
async function storageWith(sizes: readonly number[]) {
  const storage = openStorage(temporaryDirectoryForTest('pack-windows'));
  const packs: StoredPack[] = [];
  for (const size of sizes) {
    const data = randomBytes(size);
    const id = asPackId(createHash('sha256').update(data).digest('hex'));
    await storage.put('data', id, data);
    packs.push({ id, data });
  }
  const counts = { reads: 0, bytes: 0 };
  const counted = new Proxy<Storage>(storage, {
    get: (target, name: keyof Storage) =>
      name !== 'get'
        ? (target[name] as (...args: unknown[]) => unknown).bind(target)
        : async (...args: Parameters<Storage['get']>) => {
            const data = await target.get(...args);
            counts.reads += 1;
            counts.bytes += data.byteLength;
            return data;
          },
  });
  return { windows: new PackWindows(counted), packs, counts };
}

it('reads each of many small packs once, however often a walk goes to and fro between them', async () => {
  const { windows, packs, counts } = await storageWith(Array.from({ length: 40 }, (_, at) => 1000 + at));
  for (let offset = 0; offset + 10 <= 1000; offset += 10) {
    for (const { id, data } of packs) {
      expect((await windows.read(id, offset, 10)).equals(data.subarray(offset, offset + 10))).toBe(true);
    }
  }
  expect(counts.reads).toBe(packs.length);
});

it('reads each part of a large pack once, from its end to its start as well as forward', async () => {
  const size = 10 * mebibyte + 7;
  const { windows, packs, counts } = await storageWith([size]);
  const [pack] = packs;
  const read = async (offset: number, length: number) => {
    const part = await windows.read(pack?.id ?? asPackId(''), offset, length);
    expect(pack?.data.subarray(offset, offset + length).equals(part)).toBe(true);
  };
  for (let offset = size - 1024; offset >= 0; offset -= 65_536) await read(offset, 100);
  for (let offset = 0; offset < size - 100; offset += 65_536) await read(offset, 100);
  expect(counts).toEqual({ reads: 3, bytes: size });
  await read(4 * mebibyte - 10, 20);
  await read(0, 6 * mebibyte);
  expect(counts).toEqual({ reads: 5, bytes: size + 20 + 6 * mebibyte });
});

it('keeps 64 MiB', async () => {
  const { windows, packs, counts } = await storageWith(Array.from({ length: 17 }, () => 4 * mebibyte));
  for (const { id } of packs) await windows.read(id, 0, 1);
  for (const { id } of packs.slice(1)) await windows.read(id, 5, 1);
  expect(counts.reads).toBe(17);
  await windows.read(packs[0]?.id ?? asPackId(''), 0, 1);
  expect(counts.reads).toBe(18);
});

it('leaves it to the storage to say that a pack is gone or too short, and asks again', async () => {
  const { windows, packs } = await storageWith([100]);
  const id = packs[0]?.id ?? asPackId('');
  await expect(windows.read(id, 90, 20)).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  await expect(windows.read(asPackId('ab'.repeat(32)), 0, 1)).rejects.toMatchObject({ code: 'STORAGE_FILE_MISSING' });
  await expect(windows.read(id, 90, 10)).resolves.toHaveLength(10);
});
