import { hashBytes, type BlobId } from '../format/blob.ts';
import { blobIdOf, type BlobIndex } from '../index/blob-index.ts';
import type { PackUploader } from '../pack/pack-uploader.ts';

/** Bytes after which progress is told. */
const noticeInterval = 4 * 1024 * 1024;

/** Stores the chunks of one thread, those that nobody has stored yet. */
export class ChunkSaver {
  readonly #index: BlobIndex;
  readonly #packs: PackUploader;
  readonly #onBytes: (bytes: number) => void;
  #unreported = 0;

  /** `onBytes` is told of bytes read, some MiB at a time; the rest comes with `reportBytes`. */
  constructor(index: BlobIndex, packs: PackUploader, onBytes: (bytes: number) => void) {
    this.#index = index;
    this.#packs = packs;
    this.#onBytes = onBytes;
  }

  /** Stores a chunk unless it is known, and returns its id. The memory may be used again afterwards. */
  async save(chunk: Uint8Array): Promise<BlobId> {
    const id = hashBytes(chunk);
    if (this.#index.claim('data', id)) await this.#packs.add(id, chunk);
    return blobIdOf(id);
  }

  /** Counts bytes that were read, or need not be. */
  count(bytes: number): void {
    this.#unreported += bytes;
    if (this.#unreported >= noticeInterval) this.reportBytes();
  }

  /** Tells of the bytes that were not told of yet. */
  reportBytes(): void {
    const bytes = this.takeBytes();
    if (bytes > 0) this.#onBytes(bytes);
  }

  /** The bytes that were not told of yet, for whoever tells of them otherwise. */
  takeBytes(): number {
    const bytes = this.#unreported;
    this.#unreported = 0;
    return bytes;
  }
}
