import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMasterKey } from '../crypto/sealing.ts';
import { hashBytes } from '../format/blob.ts';
import { DirectoryStorage } from '../storage/directory-storage.ts';
import type { FileType } from '../storage/storage.ts';
import { packTarget } from './pack-builder.ts';
import { PackUploader } from './pack-uploader.ts';

/** A folder on a disk that says of nothing that it is durable before it is let: no disk here is slow when a test wants it. */
class SlowDisk extends DirectoryStorage {
  /** As in a thread. */
  override readonly takesDataAtOnce = true;
  readonly #held: (() => void)[] = [];

  get held(): number {
    return this.#held.length;
  }

  release(): void {
    this.#held.shift()?.();
  }

  override async put(type: FileType, name: string, data: Uint8Array): Promise<void> {
    const written = super.put(type, name, data);
    await new Promise<void>((resolve) => this.#held.push(resolve));
    await written;
  }
}

describe('packs on their way', () => {
  let folder: string;
  let disk: SlowDisk;
  const stored: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pack-uploader-'));
    disk = new SlowDisk(folder, { location: folder }, null);
    stored.length = 0;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const uploaderTo = (storage: DirectoryStorage, reusesTakenData: boolean) =>
    new PackUploader(storage, 'data', createMasterKey(), 2, ({ contents }) => void stored.push(contents.id), {
      reusesTakenData,
    });
  /** A blob that fills a pack. */
  const addPack = (uploader: PackUploader) => {
    const blob = randomBytes(packTarget);
    return uploader.add(hashBytes(blob), blob);
  };

  it.each([
    [2, 'where they need no memory', true],
    [1, 'where they need memory', false],
  ])('are %i at most %s, and hold up the next one', async (most, _, reusesTakenData) => {
    const uploader = uploaderTo(disk, reusesTakenData);
    let added = 0;
    const adding = (async () => {
      for (let count = 0; count < 4; count += 1) {
        await addPack(uploader);
        added += 1;
      }
    })();
    await vi.waitFor(() => expect(disk.held).toBe(most), { timeout: 10_000 });
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    expect({ added, held: disk.held, stored: stored.length }).toEqual({ added: most, held: most, stored: 0 });

    disk.release();
    await vi.waitFor(() => expect(added).toBe(most + 1), { timeout: 10_000 });
    expect(stored).toHaveLength(1);

    const flushed = adding.then(() => uploader.flush());
    while (stored.length < 4) {
      disk.release();
      await setImmediate();
    }
    await flushed;
    for (const id of stored) {
      expect(
        createHash('sha256')
          .update(await disk.get('data', id))
          .digest('hex'),
      ).toBe(id);
    }
  });

  it('that cannot be stored fail a later call, and are not told of', async () => {
    writeFileSync(join(folder, 'data'), 'a file where the folder of packs would be');
    const storage = new DirectoryStorage(folder, { location: folder }, null);
    const uploader = uploaderTo(storage, true);
    const failed = { code: expect.stringMatching(/^STORAGE_/) as string };
    const addTwo = async () => {
      await addPack(uploader);
      await addPack(uploader);
    };
    await expect(addTwo()).rejects.toMatchObject(failed);
    await expect(addPack(uploader)).rejects.toMatchObject(failed);
    await expect(uploader.flush()).rejects.toMatchObject(failed);
    expect(stored).toEqual([]);
  });

  it('that fail do so once the others have ended', async () => {
    class BrokenOnce extends SlowDisk {
      #isBroken = true;
      override async put(type: FileType, name: string, data: Uint8Array): Promise<void> {
        if (!this.#isBroken) return super.put(type, name, data);
        this.#isBroken = false;
        await vi.waitFor(() => expect(this.held).toBe(1), { timeout: 10_000 });
        throw new PlatformError('STORAGE_FULL', 'no space is left');
      }
    }
    const broken = new BrokenOnce(folder, { location: folder }, null);
    const uploader = uploaderTo(broken, true);
    await addPack(uploader);
    let hasFailed = false;
    await addPack(uploader);
    const failing = addPack(uploader).catch((error: unknown) => {
      hasFailed = true;
      throw error;
    });
    failing.catch(() => undefined);
    await vi.waitFor(() => expect(broken.held).toBe(1), { timeout: 10_000 });
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    expect(hasFailed).toBe(false);
    broken.release();
    await expect(failing).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(stored).toHaveLength(1);
  });
});
