import { availableParallelism } from 'node:os';
import { PlatformError, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { PackId } from '../format/blob.ts';
import { IndexWriter } from '../index/index-writer.ts';
import { packTarget } from '../pack/pack-builder.ts';
import { throwIfAborted } from '../pauses.ts';
import type { ProgressReporter } from '../progress-reporter.ts';
import { describeBlob } from '../open-blob.ts';
import type { Repository } from '../repository.ts';
import { workerEntry } from '../worker/worker-entry.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import { isWhole } from './choose-copies.ts';
import type { PackTable, TablePack } from './pack-table.ts';
import type { DamagedCopy, RepackNotice, RepackRequest, RepackResponse, RepackWorkerData } from './repack-messages.ts';

/** Threads at most: each has up to four packs in memory, and the storage is what limits the rest. */
const mostThreads = 4;

/** What a repack has stored. */
export interface RepackResult {
  readonly packs: number;
  readonly bytes: number;
}

/**
 * Stores blobs of packs anew, in packs that hold nothing else, and lists these in the index. `isWanted` tells which copies.
 * Each blob is opened and compared with its id on the way; its sealed bytes are stored as they are, save for trees that
 * are not compressed in format 2. A blob that is damaged in one pack is taken from another.
 *
 * Only adds to the repository. New packs are listed after they are stored; a crash leaves packs that no index lists, or
 * blobs that lie in two packs. Throws BLOB_DAMAGED for a blob of which every copy is damaged, CANCELLED, or a STORAGE_ error.
 */
export async function repack(
  repository: Repository,
  table: PackTable,
  packs: readonly TablePack[],
  isWanted: (copy: number) => boolean,
  progress: ProgressReporter,
  signal: AbortSignal,
): Promise<RepackResult> {
  return new Repack(repository, table, progress, signal).run(packs, isWanted);
}

class Repack {
  readonly #repository: Repository;
  readonly #table: PackTable;
  readonly #progress: ProgressReporter;
  readonly #signal: AbortSignal;
  readonly #indexWriter: IndexWriter;
  readonly #indexing: Promise<void>[] = [];
  readonly #damaged: DamagedCopy[] = [];
  #packs = 0;
  #bytes = 0;

  constructor(repository: Repository, table: PackTable, progress: ProgressReporter, signal: AbortSignal) {
    this.#repository = repository;
    this.#table = table;
    this.#progress = progress;
    this.#signal = signal;
    this.#indexWriter = new IndexWriter(repository);
  }

  async run(packs: readonly TablePack[], isWanted: (copy: number) => boolean): Promise<RepackResult> {
    const bytes = packs.reduce((sum, pack) => sum + this.#wantedBytes(pack, isWanted), 0);
    this.#progress.expect(bytes, packs.length);
    this.#progress.enter('writing', true);
    const pool = this.#startThreads(bytes);
    const stop = () => {
      void pool.terminate();
    };
    this.#signal.addEventListener('abort', stop);
    try {
      throwIfAborted(this.#signal);
      const running: Promise<void>[] = [];
      for (const pack of packs) {
        await pool.capacity();
        running.push(this.#request(pool, pack, isWanted));
      }
      await Promise.all(running);
      await this.#takeFromElsewhere(pool);
      await pool.runOnEach({ kind: 'flush' });
      await Promise.all(this.#indexing);
      await this.#indexWriter.flush();
      return { packs: this.#packs, bytes: this.#bytes };
    } catch (error) {
      throwIfAborted(this.#signal);
      throw toPlatformError(error);
    } finally {
      this.#signal.removeEventListener('abort', stop);
      await pool.terminate();
    }
  }

  /** Each thread leaves two packs that are not full, so there are no more threads than a few full packs need. */
  #startThreads(bytes: number): WorkerPool<RepackRequest, RepackResponse, RepackNotice> {
    const { storage, key, version } = this.#repository;
    const input: RepackWorkerData = { storage: storage.description, key, version };
    const useful = Math.max(1, Math.floor(bytes / (4 * packTarget)));
    return new WorkerPool(
      workerEntry(import.meta.url, './repack-worker.ts'),
      input,
      Math.min(availableParallelism(), mostThreads, useful),
      (notice) => {
        this.#takeNotice(notice);
      },
    );
  }

  #takeNotice(notice: RepackNotice): void {
    if (notice.kind === 'bytes') {
      this.#progress.add(notice.bytes, 0);
      return;
    }
    this.#packs += 1;
    this.#bytes += notice.size;
    const added = this.#indexWriter.addEncoded(notice.entry, notice.blobs);
    added.catch(() => undefined);
    this.#indexing.push(added);
  }

  #request(
    pool: WorkerPool<RepackRequest, RepackResponse, RepackNotice>,
    pack: TablePack,
    isWanted: (copy: number) => boolean,
  ): Promise<void> {
    const copies = [];
    for (let copy = pack.start; copy < pack.end; copy += 1) if (isWanted(copy)) copies.push(copy);
    const ended = this.#send(pool, pack, copies).then(() => {
      this.#progress.add(0, 1);
    });
    ended.catch(() => undefined);
    return ended;
  }

  async #send(
    pool: WorkerPool<RepackRequest, RepackResponse, RepackNotice>,
    pack: TablePack,
    copies: readonly number[],
  ): Promise<void> {
    const blobs = this.#table.listOf(copies).words;
    const { damaged } = await pool.run({ kind: 'pack', pack: pack.id, blobs }, [blobs.buffer]);
    this.#damaged.push(...damaged);
  }

  /** Tries every other copy of the blobs that were damaged, one after the other. */
  async #takeFromElsewhere(pool: WorkerPool<RepackRequest, RepackResponse, RepackNotice>): Promise<void> {
    const tried = new Map<string, Set<PackId>>();
    for (let fault = this.#damaged.pop(); fault !== undefined; fault = this.#damaged.pop()) {
      const { type, id } = fault.blob;
      const packs = tried.get(`${type} ${id}`) ?? new Set<PackId>();
      tried.set(`${type} ${id}`, packs.add(fault.pack));
      const other = this.#findCopy(type, id, packs);
      if (other === null) {
        const sentence = `${describeBlob(type, id)} in the pack ${fault.pack} is damaged: ${fault.reason}`;
        throw new PlatformError('BLOB_DAMAGED', sentence);
      }
      await this.#send(pool, this.#table.packOf(other), [other]);
    }
  }

  #findCopy(type: 'data' | 'tree', id: DamagedCopy['blob']['id'], except: ReadonlySet<PackId>): number | null {
    for (const copy of this.#table.copiesOf(this.#table.blobs.numberOf(type, id))) {
      const pack = this.#table.packOf(copy);
      if (isWhole(pack) && !except.has(pack.id)) return copy;
    }
    return null;
  }

  #wantedBytes(pack: TablePack, isWanted: (copy: number) => boolean): number {
    let bytes = 0;
    for (let copy = pack.start; copy < pack.end; copy += 1) if (isWanted(copy)) bytes += this.#table.lengthOf(copy);
    return bytes;
  }
}
