import type { BlobId, BlobType } from '../format/blob.ts';
import { IndexWriter } from '../index/index-writer.ts';
import type { Repository } from '../repository.ts';
import type { FinishedPack } from './pack-builder.ts';
import { PackUploader } from './pack-uploader.ts';

/** Stores blobs of both types in new packs and lists these in the index. Whether a blob is known already is not asked. */
export class BlobSaver {
  readonly #index: IndexWriter;
  readonly #packs: Readonly<Record<BlobType, PackUploader>>;
  /** Packs stored so far, and their size in bytes. */
  packs = 0;
  bytes = 0;

  constructor(repository: Repository) {
    const { storage, key, version } = repository;
    this.#index = new IndexWriter(repository);
    const onStored = ({ contents, data }: FinishedPack): Promise<void> => {
      this.packs += 1;
      this.bytes += data.byteLength;
      return this.#index.add(contents);
    };
    this.#packs = {
      data: new PackUploader(storage, 'data', key, version, onStored),
      tree: new PackUploader(storage, 'tree', key, version, onStored),
    };
  }

  /** Adds a blob. The plaintext may be reused afterwards. Rejects when an earlier pack could not be stored. */
  save(type: BlobType, id: BlobId, plaintext: Uint8Array): Promise<void> {
    return this.#packs[type].add(Buffer.from(id, 'hex'), plaintext);
  }

  /** Resolves when every blob is durably stored and listed. */
  async flush(): Promise<void> {
    for (const packs of Object.values(this.#packs)) await packs.flush();
    await this.#index.flush();
  }
}
