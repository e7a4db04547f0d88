import type { PackId } from '../format/blob.ts';
import type { Storage } from '../storage/storage.ts';

/** Neighbouring folders lie side by side in a pack: so much is read from the one that is asked for on. */
const windowSize = 4 * 1024 * 1024;
/**
 * Bytes kept in all. The trees of a point lie in the packs of all points since they last changed, and a walk goes to and
 * fro between them: a chain of small packs is kept whole, of large ones the parts in use.
 */
const bytesKept = 64 * 1024 * 1024;

interface PackWindow {
  readonly pack: PackId;
  readonly start: number;
  readonly end: number;
  readonly data: Promise<Buffer>;
}

/** Reads parts of packs, some MiB at a time, and keeps those that were used last. */
export class PackWindows {
  readonly #storage: Storage;
  readonly #sizes = new Map<PackId, Promise<number | null>>();
  readonly #byPack = new Map<PackId, PackWindow[]>();
  /** Those used longest ago first. */
  readonly #used = new Set<PackWindow>();
  #bytes = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Reads `length` bytes of a pack, as `Storage.get` does. The memory belongs to others, too. */
  async read(pack: PackId, offset: number, length: number): Promise<Buffer> {
    const end = offset + length;
    let window = this.#find(pack, offset, end);
    if (window === null) {
      const size = await this.#sizeOf(pack);
      // Of a pack that is gone or too short, the storage says so itself.
      if (size === null || size < end || length > windowSize)
        return this.#storage.get('data', pack, { offset, length });
      const start = size <= windowSize ? 0 : offset;
      window = this.#find(pack, offset, end) ?? this.#open(pack, start, Math.min(size, start + windowSize));
    }
    return (await window.data).subarray(offset - window.start, end - window.start);
  }

  #find(pack: PackId, offset: number, end: number): PackWindow | null {
    const window = this.#byPack.get(pack)?.find((one) => one.start <= offset && end <= one.end) ?? null;
    if (window !== null) {
      this.#used.delete(window);
      this.#used.add(window);
    }
    return window;
  }

  #open(pack: PackId, start: number, end: number): PackWindow {
    const data = this.#storage.get('data', pack, { offset: start, length: end - start });
    const window = { pack, start, end, data };
    this.#byPack.set(pack, [...(this.#byPack.get(pack) ?? []), window]);
    this.#used.add(window);
    this.#bytes += end - start;
    // A failure is not kept: the next try may succeed.
    data.catch(() => {
      this.#forget(window);
    });
    for (const oldest of this.#used) {
      if (this.#bytes <= bytesKept) break;
      this.#forget(oldest);
    }
    return window;
  }

  #forget(window: PackWindow): void {
    if (!this.#used.delete(window)) return;
    this.#bytes -= window.end - window.start;
    const others = (this.#byPack.get(window.pack) ?? []).filter((other) => other !== window);
    if (others.length > 0) this.#byPack.set(window.pack, others);
    else this.#byPack.delete(window.pack);
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
