import type { BlobType } from '../format/blob.ts';
import type { SealingKey } from '../crypto/sealing.ts';
import type { Storage } from '../storage/storage.ts';
import { PackBuilder, type FinishedPack } from './pack-builder.ts';

/**
 * Collects blobs into packs and stores each pack while the next one fills. At most two packs are in memory; only one is where the
 * storage takes data at once and nobody else reads it.
 */
export class PackUploader {
  readonly #storage: Storage;
  readonly #builder: PackBuilder;
  readonly #onStored: (pack: FinishedPack) => void | Promise<void>;
  readonly #reusesTakenData: boolean;
  #upload: Promise<void> = Promise.resolve();

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

  /** Adds a blob. Waits when the pack before the current one is still being stored. Rejects when one could not be. */
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
    await this.#upload;
  }

  /** Waits for the pack before this one, and begins to store it. */
  async #store(pack: FinishedPack): Promise<void> {
    await this.#upload;
    const stored = this.#storage.put('data', pack.contents.id, pack.data);
    if (this.#reusesTakenData) this.#builder.recycle(pack);
    this.#upload = stored
      .then(() => this.#onStored(pack))
      .then(() => {
        if (!this.#reusesTakenData) this.#builder.recycle(pack);
      });
    // The failure surfaces at the next add or flush; without this it would end the process as unhandled before that.
    this.#upload.catch(() => undefined);
  }
}
