import type { BlobType } from '../format/blob.ts';
import type { SealingKey } from '../crypto/sealing.ts';
import type { Storage } from '../storage/storage.ts';
import { PackBuilder, type FinishedPack } from './pack-builder.ts';

/** Packs on their way that cost no memory: a disk may take as long for one as the thread for the next. */
const mostTaken = 2;

/**
 * Collects blobs into packs and stores each pack while the next one fills. At most two packs are in memory; only one is where the
 * storage takes data at once and nobody else reads it.
 */
export class PackUploader {
  readonly #storage: Storage;
  readonly #builder: PackBuilder;
  readonly #onStored: (pack: FinishedPack) => void | Promise<void>;
  readonly #reusesTakenData: boolean;
  /** Packs on their way, the oldest first. One that failed stays, so that each later call fails. */
  readonly #uploads = new Set<Promise<void>>();
  #hasFailed = false;

  /**
   * `onStored` is called with each pack once it is durably stored. With `reusesTakenData` the pack's data may hold something
   * else by then, though it keeps its length.
   */
  constructor(
    storage: Storage,
    type: BlobType,
    key: SealingKey,
    version: 1 | 2,
    onStored: (pack: FinishedPack) => void | Promise<void>,
    { reusesTakenData = false }: { readonly reusesTakenData?: boolean } = {},
  ) {
    this.#reusesTakenData = reusesTakenData && storage.takesDataAtOnce === true;
    this.#storage = storage;
    this.#builder = new PackBuilder(type, key, version);
    this.#onStored = onStored;
  }

  /** Adds a blob. Waits when packs before the current one are still being stored. Rejects when one could not be. */
  async add(id: Uint8Array, plaintext: Uint8Array): Promise<void> {
    this.#builder.add(id, plaintext);
    if (this.#builder.isFull) await this.#store(this.#builder.finish());
  }

  /** As `add`, for a blob that was sealed before and is stored byte for byte. */
  async addSealed(id: Uint8Array, uncompressedLength: number, sealed: Uint8Array): Promise<void> {
    this.#builder.addSealed(id, uncompressedLength, sealed);
    if (this.#builder.isFull) await this.#store(this.#builder.finish());
  }

  /** Stores what is left and waits until every pack is stored. */
  async flush(): Promise<void> {
    if (!this.#builder.isEmpty) await this.#store(this.#builder.finish());
    await this.#settle(0);
  }

  /** Begins to store a pack, once there are not too many on their way. */
  async #store(pack: FinishedPack): Promise<void> {
    const most = this.#reusesTakenData ? mostTaken : 1;
    await this.#settle(most - 1);
    const stored = this.#storage.put('data', pack.contents.id, pack.data);
    if (this.#reusesTakenData) this.#builder.recycle(pack);
    const upload: Promise<void> = stored
      .then(() => this.#onStored(pack))
      .then(() => {
        if (!this.#reusesTakenData) this.#builder.recycle(pack);
        this.#uploads.delete(upload);
      });
    // The failure surfaces at a later add or flush; without this it would end the process as unhandled before that.
    upload.catch(() => {
      this.#hasFailed = true;
    });
    this.#uploads.add(upload);
  }

  /**
   * Waits until no more than `most` packs are on their way. Rejects when one could not be stored, even where there is no need to
   * wait, and only once the others have ended: a thread that ends in the midst of a call leaves a temporary file.
   */
  async #settle(most: number): Promise<void> {
    for (const oldest of this.#uploads) {
      if (this.#hasFailed || this.#uploads.size <= most) break;
      await Promise.allSettled([oldest]);
    }
    if (!this.#hasFailed) return;
    await Promise.allSettled(this.#uploads);
    await Promise.all(this.#uploads);
  }
}
