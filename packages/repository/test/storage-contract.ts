import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { FileType, Storage, StoredFile } from '../src/storage/storage.ts';

/** A storage under test, with a way past it to what it stores. */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** Writes a file that no storage would write, at a path relative to the repository. */
  putStray(path: string, data: Uint8Array): Promise<void>;
  /** Reads what is stored at a path relative to the repository. */
  readRaw(path: string): Promise<Buffer>;
}

const NAMED_TYPES: readonly FileType[] = ['data', 'index', 'keys', 'locks', 'snapshots'];

/** The name of a file with this content. */
export function nameOf(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Everything that a listing yields, by name. */
export async function listed(storage: Storage, type: FileType): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const file of storage.list(type)) files.push(file);
  return files.sort((left, right) => (left.name < right.name ? -1 : 1));
}

/**
 * What every adapter of the storage port keeps. Call it inside a `describe`; `make` gives an empty storage to each test
 * and cleans up by itself.
 */
export function itKeepsTheStorageContract(make: () => Promise<StorageUnderTest>): void {
  it('has nothing at first, and removing nothing is success', async () => {
    const { storage } = await make();
    const name = nameOf(Buffer.from('absent'));
    for (const type of [...NAMED_TYPES, 'config'] as const) {
      expect(await storage.stat(type, name)).toBeNull();
      expect(await listed(storage, type)).toEqual([]);
      await expect(storage.get(type, name)).rejects.toMatchObject({ code: 'STORAGE_FILE_MISSING' });
      await storage.delete(type, name);
    }
  });

  it.each(NAMED_TYPES)('keeps a file of the kind %s where restic looks for it', async (type) => {
    const { storage, readRaw } = await make();
    const data = Buffer.from(`content of ${type}`);
    const name = nameOf(data);
    await storage.put(type, name, data);
    expect(await storage.get(type, name)).toEqual(data);
    expect(await storage.stat(type, name)).toEqual({ name, size: data.length });
    expect(await listed(storage, type)).toEqual([{ name, size: data.length }]);
    expect(await readRaw(type === 'data' ? `data/${name.slice(0, 2)}/${name}` : `${type}/${name}`)).toEqual(data);
    for (const other of NAMED_TYPES.filter((candidate) => candidate !== type)) {
      expect(await listed(storage, other)).toEqual([]);
    }
  });

  it('keeps one config, whatever name is given', async () => {
    const { storage, readRaw } = await make();
    const data = Buffer.from('the config');
    await storage.put('config', 'config', data);
    expect(await storage.get('config', '')).toEqual(data);
    expect((await listed(storage, 'config')).map(({ size }) => size)).toEqual([data.length]);
    expect(await readRaw('config')).toEqual(data);
    await storage.delete('config', 'config');
    expect(await storage.stat('config', 'config')).toBeNull();
  });

  it('takes the same file again', async () => {
    const { storage } = await make();
    const data = Buffer.from('twice');
    await storage.put('index', nameOf(data), data);
    await storage.put('index', nameOf(data), data);
    await Promise.all([1, 2, 3].map(() => storage.put('index', nameOf(data), data)));
    expect(await listed(storage, 'index')).toEqual([{ name: nameOf(data), size: data.length }]);
    expect(await storage.get('index', nameOf(data))).toEqual(data);
  });

  it('keeps an empty file and one of 20 MiB', async () => {
    const { storage } = await make();
    for (const data of [Buffer.alloc(0), randomBytes(20 * 1024 * 1024)]) {
      await storage.put('data', nameOf(data), data);
      expect((await storage.get('data', nameOf(data))).equals(data)).toBe(true);
      expect((await storage.stat('data', nameOf(data)))?.size).toBe(data.length);
    }
  });

  it('keeps a part of a larger buffer as it is', async () => {
    const { storage } = await make();
    const part = Buffer.from('0123456789').subarray(3, 7);
    await storage.put('data', nameOf(part), part);
    expect((await storage.get('data', nameOf(part))).toString()).toBe('3456');
  });

  it.each([
    ['the start', 0, 10],
    ['the middle', 400, 100],
    ['one byte', 999, 1],
    ['the end', 900, 100],
    ['everything', 0, 1000],
    ['nothing', 500, 0],
  ])('reads %s', async (_what, offset, length) => {
    const { storage } = await make();
    const data = randomBytes(1000);
    await storage.put('data', nameOf(data), data);
    const part = await storage.get('data', nameOf(data), { offset, length });
    expect(part).toEqual(data.subarray(offset, offset + length));
  });

  it.each([
    ['runs past the end', 990, 11],
    ['starts at the end', 1000, 1],
    ['starts behind the end', 5000, 10],
  ])('finds the file too short for a range that %s', async (_what, offset, length) => {
    const { storage } = await make();
    const data = randomBytes(1000);
    await storage.put('data', nameOf(data), data);
    await expect(storage.get('data', nameOf(data), { offset, length })).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  });

  it.each([0, 10])('misses a file when %i bytes of it are asked for', async (length) => {
    const { storage } = await make();
    await expect(storage.get('data', nameOf(Buffer.from('absent')), { offset: 0, length })).rejects.toMatchObject({
      code: 'STORAGE_FILE_MISSING',
    });
  });

  it('creates a file once and leaves the first one as it is', async () => {
    const { storage } = await make();
    await storage.create('config', 'config', Buffer.from('first'));
    await expect(storage.create('config', 'config', Buffer.from('second'))).rejects.toMatchObject({
      code: 'REPOSITORY_EXISTS',
    });
    expect((await storage.get('config', 'config')).toString()).toBe('first');
    expect(await listed(storage, 'config')).toHaveLength(1);
  });

  it('removes a file for good and no other', async () => {
    const { storage } = await make();
    const [first, second] = [Buffer.from('first'), Buffer.from('second')];
    for (const data of [first, second]) await storage.put('data', nameOf(data), data);
    await storage.delete('data', nameOf(first));
    await storage.delete('data', nameOf(first));
    expect(await storage.stat('data', nameOf(first))).toBeNull();
    expect((await listed(storage, 'data')).map(({ name }) => name)).toEqual([nameOf(second)]);
  });

  it('lists no file whose name or place is not one of a repository', async () => {
    const { storage, putStray } = await make();
    const data = Buffer.from('real');
    const name = nameOf(data);
    await storage.put('data', name, data);
    await storage.put('keys', name, data);
    await putStray(`data/${name}`, data);
    await putStray(`data/${name.slice(0, 2)}/${name}-tmp-123`, data);
    await putStray(`data/${name.slice(0, 2)}/${name.toUpperCase()}`, data);
    await putStray('keys/README', data);
    await putStray('locks/.hidden', data);
    await putStray('snapshotsX/file', data);
    for (const type of NAMED_TYPES) {
      const real = type === 'data' || type === 'keys' ? [{ name, size: data.length }] : [];
      expect(await listed(storage, type)).toEqual(real);
    }
  });

  it('serves many at once', async () => {
    const { storage } = await make();
    const files = Array.from({ length: 40 }, (_value, number) => randomBytes(10_000 + number));
    await Promise.all(files.map((data) => storage.put('data', nameOf(data), data)));
    const read = await Promise.all(files.map((data) => storage.get('data', nameOf(data))));
    expect(read.every((data, position) => data.equals(files[position] ?? Buffer.alloc(0)))).toBe(true);
    expect(await listed(storage, 'data')).toHaveLength(40);
  });
}
