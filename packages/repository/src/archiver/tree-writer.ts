import { hashBytes, type BlobId, type PackListing } from '../format/blob.ts';
import { joinNodes } from '../format/tree.ts';
import { blobIdOf, type BlobIndex } from '../index/blob-index.ts';
import { PackUploader } from '../pack/pack-uploader.ts';
import type { Repository } from '../repository.ts';

/** Stores folders as tree blobs; one that the repository holds already is not stored again. */
export class TreeWriter {
  readonly #index: BlobIndex;
  readonly #packs: PackUploader;
  /** Trees that were not in the repository before. */
  stored = 0;

  /** `onStored` is called with each pack of trees once it is durably stored. */
  constructor(
    repository: Repository,
    index: BlobIndex,
    onStored: (contents: PackListing, size: number, plainBytes: number) => Promise<void>,
  ) {
    this.#index = index;
    const { storage, key, version } = repository;
    this.#packs = new PackUploader(storage, 'tree', key, version, ({ contents, data, plainBytes }) =>
      onStored(contents, data.byteLength, plainBytes),
    );
  }

  /** Stores a folder of encoded nodes, sorted by name, and returns the id of its tree. */
  async write(nodes: readonly string[]): Promise<BlobId> {
    const plaintext = joinNodes(nodes);
    const id = hashBytes(plaintext);
    if (this.#index.claim('tree', id)) {
      this.stored += 1;
      await this.#packs.add(id, plaintext);
    }
    return blobIdOf(id);
  }

  /** Resolves when every tree is durably stored. */
  flush(): Promise<void> {
    return this.#packs.flush();
  }
}
