import type { PackId } from '../format/blob.ts';
import type { Storage } from '../storage/storage.ts';

/** Neighbouring folders lie side by side in a pack, what a folder holds before it: packs are read in parts of this size. */
const windowSize = 4 * 1024 * 1024;
/**
 * Bytes kept in all. The trees of a point lie in the packs of all points since they last changed, and a walk goes to and
 * fro between them: a chain of small packs is kept whole, of large ones the parts in use.
 */
const bytesKept = 64 * 1024 * 1024;

/** Reads parts of packs, some MiB at a time, and keeps those that were used last. */
export class PackWindows {
  readonly #storage: Storage;
  readonly #sizes = new Map<PackId, Promise<number | null>>();
  /** By pack and number in it; those used longest ago first. */
  readonly #windows = new Map<string, { readonly size: number; readonly data: Promise<Buffer> }>();
  #bytes = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Reads `length` bytes of a pack, as `Storage.get` does. The memory belongs to others, too. */
  async read(pack: PackId, offset: number, length: number): Promise<Buffer> {
    const end = offset + length;
    const start = offset - (offset % windowSize);
    const size = await this.#sizeOf(pack);
    // Of a pack that is gone or too short, the storage says so itself. Few blobs lie in two windows.
    if (size === null || size < end || end > start + windowSize)
      return this.#storage.get('data', pack, { offset, length });
    const window = await this.#window(pack, start, Math.min(windowSize, size - start));
    return window.subarray(offset - start, end - start);
  }

  #window(pack: PackId, start: number, size: number): Promise<Buffer> {
    const key = `${pack} ${start}`;
    const known = this.#windows.get(key);
    const window = known ?? { size, data: this.#storage.get('data', pack, { offset: start, length: size }) };
    this.#windows.delete(key);
    this.#windows.set(key, window);
    if (known === undefined) {
      this.#bytes += size;
      // A failure is not kept: the next try may succeed.
      window.data.catch(() => {
        this.#forget(key);
      });
      for (const oldest of this.#windows.keys()) {
        if (this.#bytes <= bytesKept) break;
        this.#forget(oldest);
      }
    }
    return window.data;
  }

  #forget(key: string): void {
    this.#bytes -= this.#windows.get(key)?.size ?? 0;
    this.#windows.delete(key);
  }

  #sizeOf(pack: PackId): Promise<number | null> {
    let size = this.#sizes.get(pack);
    if (size === undefined) {
      size = this.#storage.stat('data', pack).then((file) => file?.size ?? null);
      size.catch(() => this.#sizes.delete(pack));
      this.#sizes.set(pack, size);
    }
    return size;
  }
}
