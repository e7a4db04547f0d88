import { availableParallelism } from 'node:os';
import { toPlatformError } from '@enterprise-backup/contracts/errors';
import { blobKey } from '../checker/impact.ts';
import type { BlobId, BlobType, PackedBlob, PackId } from '../format/blob.ts';
import type { BlobIndex, BlobLocation } from '../index/blob-index.ts';
import { IndexWriter } from '../index/index-writer.ts';
import type { Repository } from '../repository.ts';
import { workerEntry } from '../worker/worker-entry.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import type { CopyNotice, CopyRequest, CopyResponse, CopyWorkerData } from './copy-messages.ts';

/** Blobs that wait until those of the same pack have come together, and their size in bytes. */
const queueLimit = 50_000;
const queueBytes = 256 * 1024 * 1024;
/** Each thread fills packs of its own: more of them would leave more packs that are not full. */
const mostThreads = 4;

/** Where blobs come from and where they go. */
export interface TransferEnds {
  readonly source: Repository;
  readonly sourceIndex: BlobIndex;
  readonly target: Repository;
  /** Whether each stored pack is read back; otherwise what was sent is verified. */
  readonly readBack: boolean;
  /** Takes the bytes that were fetched. */
  readonly onFetched: (bytes: number) => void;
}

/**
 * Moves blobs from one repository to another in threads: fetched by few ranged reads, opened, compared with their ids, sealed
 * with the key of the target, stored in new packs, verified there, and listed. A blob that is damaged in one pack of the
 * source is taken from another that lists it.
 */
export class BlobTransfer {
  readonly #source: BlobIndex;
  readonly #pool: WorkerPool<CopyRequest, CopyResponse, CopyNotice>;
  readonly #index: IndexWriter;
  readonly #indexed: Promise<void>[] = [];
  readonly #queue = new Map<PackId, PackedBlob[]>();
  readonly #running = new Set<Promise<void>>();
  readonly #tried = new Map<string, Set<PackId>>();
  #queued = 0;
  #queuedBytes = 0;
  #failure: unknown = null;
  /** Blobs that no pack of the source holds whole, by `blobKey`, and why, as the end of a sentence. */
  readonly failed = new Map<string, string>();
  /** Size of all blobs that were asked for, as they are stored in the source. */
  bytesWanted = 0;
  /** Packs stored so far, their size, and that of their blobs before compression, in bytes. */
  packs = 0;
  bytesStored = 0;
  plainBytes = 0;
  blobs = 0;

  constructor({ source, sourceIndex, target, readBack, onFetched }: TransferEnds) {
    this.#source = sourceIndex;
    this.#index = new IndexWriter(target);
    const data: CopyWorkerData = {
      source: source.storage.description,
      sourceKey: source.key,
      target: target.storage.description,
      targetKey: target.key,
      version: target.version,
      readBack,
    };
    this.#pool = new WorkerPool(
      workerEntry(import.meta.url, './copy-worker.ts'),
      data,
      Math.min(availableParallelism(), mostThreads),
      (notice) => {
        if (notice.kind === 'fetched') onFetched(notice.bytes);
        else this.#takeStored(notice);
      },
    );
  }

  /** Queues a blob, which must not be queued twice. Returns false when the source's index does not list it. Rejects when an earlier step failed. */
  async want(type: BlobType, id: BlobId): Promise<boolean> {
    const location = this.#source.find(type, id);
    if (location === null) return false;
    this.#enqueue(location);
    this.bytesWanted += location.length;
    if (this.#queued >= queueLimit || this.#queuedBytes >= queueBytes) await this.#dispatch();
    return true;
  }

  /** Resolves when every queued blob is durably stored, verified and listed, or is among the failed ones. */
  async flush(): Promise<void> {
    do {
      await this.#dispatch();
      await Promise.all(this.#running);
      this.#throwFailure();
    } while (this.#queued > 0);
    await this.#pool.runOnEach({ kind: 'flush' });
    await Promise.all(this.#indexed.splice(0));
    await this.#index.flush();
  }

  /** Ends the threads. What was not flushed is lost. */
  async terminate(): Promise<void> {
    await this.#pool.terminate();
  }

  #enqueue({ pack, ...blob }: BlobLocation): void {
    const blobs = this.#queue.get(pack) ?? [];
    blobs.push(blob);
    this.#queue.set(pack, blobs);
    this.#queued += 1;
    this.#queuedBytes += blob.length;
  }

  async #dispatch(): Promise<void> {
    const groups = [...this.#queue];
    this.#queue.clear();
    this.#queued = 0;
    this.#queuedBytes = 0;
    for (const [pack, blobs] of groups) {
      this.#throwFailure();
      await this.#pool.capacity();
      const ended = this.#pool
        .run({ kind: 'pack', pack, blobs })
        .then(({ failed }) => {
          for (const { blob, reason } of failed) this.#tryNext(blob, pack, reason);
        })
        .catch((error: unknown) => {
          this.#failure ??= error;
        })
        .finally(() => this.#running.delete(ended));
      this.#running.add(ended);
    }
  }

  #tryNext(blob: PackedBlob, pack: PackId, reason: string): void {
    const key = blobKey(blob.type, blob.id);
    const tried = (this.#tried.get(key) ?? new Set()).add(pack);
    this.#tried.set(key, tried);
    const next = this.#source.findAll(blob.type, blob.id).find((place) => !tried.has(place.pack));
    if (next === undefined) this.failed.set(key, reason);
    else this.#enqueue(next);
  }

  #takeStored({ entry, blobs, size, plainBytes }: CopyNotice & { readonly kind: 'stored' }): void {
    this.packs += 1;
    this.blobs += blobs;
    this.bytesStored += size;
    this.plainBytes += plainBytes;
    const added = this.#index.addEncoded(entry, blobs);
    added.catch(() => undefined);
    this.#indexed.push(added);
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw toPlatformError(this.#failure);
  }
}
