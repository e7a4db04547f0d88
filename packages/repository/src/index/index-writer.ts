import type { PackListing } from '../format/blob.ts';
import { encodeIndexPack, joinIndexPacks } from '../format/index-file.ts';
import { checkLocks } from '../locks.ts';
import { releaseMemory } from '../release-memory.ts';
import type { Repository } from '../repository.ts';

/** An index file is written when it lists this many blobs, as restic does it. */
const blobsPerFile = 50_000;
/** And at least this often, so that a backup that is killed finds most of what it stored when it runs again. */
const longestDelay = 60_000;

/**
 * Writes index files for packs that are stored. A pack is listed only after its upload has finished; a crash before the
 * index file is written leaves a pack that no index lists, which prune sweeps.
 */
export class IndexWriter {
  readonly #repository: Repository;
  #packs: Uint8Array[] = [];
  #blobs = 0;
  #lastSave: number;
  #saving: Promise<void> = Promise.resolve();

  constructor(repository: Repository) {
    this.#repository = repository;
    this.#lastSave = repository.clock.now().getTime();
  }

  /** Takes a pack that is durably stored. Rejects when an index file before it could not be written. */
  add(pack: PackListing): Promise<void> {
    return this.addEncoded(encodeIndexPack(pack), pack.blobs.length);
  }

  /** As `add`, for a pack of so many blobs that is encoded already. */
  async addEncoded(pack: Uint8Array, blobs: number): Promise<void> {
    this.#packs.push(pack);
    this.#blobs += blobs;
    const waited = this.#repository.clock.now().getTime() - this.#lastSave;
    if (this.#blobs >= blobsPerFile || waited >= longestDelay) await this.flush();
  }

  /** Resolves when all packs that were added are listed in stored index files. */
  async flush(): Promise<void> {
    const packs = this.#packs;
    this.#packs = [];
    this.#blobs = 0;
    this.#lastSave = this.#repository.clock.now().getTime();
    this.#saving = this.#saving.then(async () => {
      if (packs.length === 0) return;
      // A prune that began at the same moment deletes packs that it finds unlisted: no index may list them afterwards.
      await checkLocks(this.#repository);
      const json = joinIndexPacks(packs);
      for (const pack of packs) releaseMemory(pack);
      await this.#repository.saveUnpacked('index', json);
      releaseMemory(json);
    });
    await this.#saving;
  }
}
