import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asPackId, type PackId } from '../format/blob.ts';
import { DirectoryStorage } from '../storage/directory-storage.ts';
import type { ByteRange, FileType } from '../storage/storage.ts';
import { fetchBlobs, rangesOf } from './fetch-blobs.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

function ranges(...spans: readonly (readonly [offset: number, length: number])[]): object[] {
  const found = rangesOf({
    length: spans.length,
    offsetAt: (at) => spans[at]?.[0] ?? 0,
    lengthAt: (at) => spans[at]?.[1] ?? 0,
  });
  return [...found];
}

describe('ranges of a pack', () => {
  it('join blobs that lie near each other', () => {
    expect(ranges()).toEqual([]);
    expect(ranges([500, 10])).toEqual([{ offset: 500, length: 10, first: 0, end: 1 }]);
    expect(ranges([0, 10], [10 + 256 * KiB, 10], [20 + 512 * KiB + 1, 5])).toEqual([
      { offset: 0, length: 20 + 256 * KiB, first: 0, end: 2 },
      { offset: 21 + 512 * KiB, length: 5, first: 2, end: 3 },
    ]);
  });

  it('are no longer than 4 MiB, save for a blob that is longer itself', () => {
    expect(ranges([0, 4 * MiB - 1], [4 * MiB - 1, 1], [4 * MiB, 1], [4 * MiB + 1, 5 * MiB], [9 * MiB + 1, 1])).toEqual([
      { offset: 0, length: 4 * MiB, first: 0, end: 2 },
      { offset: 4 * MiB, length: 1, first: 2, end: 3 },
      { offset: 4 * MiB + 1, length: 5 * MiB, first: 3, end: 4 },
      { offset: 9 * MiB + 1, length: 1, first: 4, end: 5 },
    ]);
  });

  it('hold blobs that a wrong index lets overlap', () => {
    expect(ranges([100, 50], [110, 5], [120, 100])).toEqual([{ offset: 100, length: 120, first: 0, end: 3 }]);
  });
});

describe('fetching blobs of a pack', () => {
  /** Remembers what was asked for. */
  class RecordingStorage extends DirectoryStorage {
    readonly asked: number[] = [];
    beforeThird = (): void => undefined;

    override get(type: FileType, name: string, range?: ByteRange): Promise<Buffer> {
      this.asked.push(range?.offset ?? -1);
      if (this.asked.length === 3) this.beforeThird();
      return super.get(type, name, range);
    }
  }

  const content = randomBytes(4 * MiB);
  // Too far from each other to be fetched together.
  const offsets = [0, MiB, 2 * MiB, 3 * MiB];
  const spans = { length: offsets.length, offsetAt: (at: number) => offsets[at] ?? 0, lengthAt: () => 1000 };
  const blobAt = (at: number) => content.subarray(offsets[at], (offsets[at] ?? 0) + 1000);
  let folder: string;
  let storage: RecordingStorage;
  let pack: PackId;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fetch-blobs-'));
    storage = new RecordingStorage(folder, { location: folder }, null);
    pack = asPackId(createHash('sha256').update(content).digest('hex'));
    await storage.put('data', pack, content);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('asks for the next range while one is worked on, and for no more', async () => {
    const asked: number[] = [];
    for await (const fetched of fetchBlobs(storage, pack, spans)) {
      for (const { at, sealed } of fetched) expect(sealed).toEqual(blobAt(at));
      asked.push(storage.asked.length);
    }
    expect(storage.asked).toEqual(offsets);
    expect(asked).toEqual([2, 3, 4, 4]);
  });

  it('says of a pack that is too short which cannot be had', async () => {
    truncateSync(join(folder, 'data', pack.slice(0, 2), pack), 2 * MiB + 500);
    const missing = [];
    for await (const fetched of fetchBlobs(storage, pack, spans)) {
      for (const { at, sealed } of fetched) {
        if (typeof sealed === 'string') missing.push(at);
        else expect(sealed).toEqual(blobAt(at));
      }
    }
    expect(missing).toEqual([2, 3]);
  });

  it('throws another failure in the turn of its blobs', async () => {
    const path = join(folder, 'data', pack.slice(0, 2), pack);
    storage.beforeThird = () => {
      rmSync(path);
      mkdirSync(path);
    };
    const fetched: number[] = [];
    const fetching = async () => {
      for await (const some of fetchBlobs(storage, pack, spans)) fetched.push(...some.map(({ at }) => at));
    };
    await expect(fetching()).rejects.toMatchObject({ code: expect.stringMatching(/^STORAGE_/) as string });
    expect(fetched).toEqual([0, 1]);
  });
});
