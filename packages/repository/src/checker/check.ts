import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { PlatformError, toPlatformError } from '@enterprise-backup/contracts/errors';
import { snapshotId } from '@enterprise-backup/contracts/ids';
import { parseKeyFile } from '../crypto/key-file.ts';
import type { BlobId, PackContents, PackId } from '../format/blob.ts';
import { asPackId } from '../format/blob.ts';
import { decodeIndexFile } from '../format/index-file.ts';
import { packSize } from '../format/pack-header.ts';
import type { SnapshotEntry } from '../format/snapshot.ts';
import { BlobIndex } from '../index/blob-index.ts';
import { withLock } from '../locks.ts';
import { Pauses, throwIfAborted } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import { describeBlob, type Repository } from '../repository.ts';
import { loadSnapshot } from '../snapshots.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import { workerEntry } from '../worker/worker-entry.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import type { PackFaults } from './check-pack.ts';
import { findAffected, TreeChecker } from './check-trees.ts';
import type { CheckWorkerData } from './check-worker.ts';
import type { Finding } from './finding.ts';

export type { Finding, FindingCode } from './finding.ts';

/** How thorough a check is. */
export interface CheckOptions {
  /** Whether every byte of every pack is read; otherwise packs are only looked at by name and size. */
  readonly readData?: boolean;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a check looked at and found. */
export interface CheckOutcome {
  readonly findings: readonly Finding[];
  readonly packs: number;
  readonly blobs: number;
  readonly snapshots: number;
  readonly bytes_read: number;
}

/**
 * Checks a repository: keys, index files, packs, snapshots, and everything that snapshots reach; with `readData` also
 * each byte of each pack. It finds what restic's check finds, and sizes, uncompressed lengths and names beyond that.
 * Never throws for damage: that is a finding. Throws REPOSITORY_LOCKED, CANCELLED or a STORAGE_ error.
 */
export async function check(repository: Repository, options: CheckOptions = {}): Promise<CheckOutcome> {
  return withLock(repository, 'shared', options.signal, (signal) => new Check(repository, options, signal).run());
}

class Check {
  readonly #repository: Repository;
  readonly #options: CheckOptions;
  readonly #signal: AbortSignal;
  readonly #progress: ProgressReporter;
  readonly #pauses: Pauses;
  readonly #findings: Finding[] = [];
  readonly #packs = new Map<PackId, PackContents>();
  readonly #index = BlobIndex.create();
  #bytesRead = 0;

  constructor(repository: Repository, options: CheckOptions, signal: AbortSignal) {
    this.#repository = repository;
    this.#options = options;
    this.#signal = signal;
    this.#progress = new ProgressReporter(repository.clock, options.onProgress);
    this.#pauses = new Pauses(signal);
  }

  async run(): Promise<CheckOutcome> {
    this.#progress.enter('opening');
    await this.#checkKeys();
    // Snapshots are listed before the index is read: what a backup adds meanwhile is then in the index.
    const snapshots = await this.#loadSnapshots();
    await this.#loadIndex();
    this.#progress.enter('planning');
    const sizes = await this.#checkPackList();
    const trees = new TreeReader(this.#repository, this.#index);
    const checker = new TreeChecker(trees, this.#index, this.#pauses);
    for (const entry of snapshots) await checker.check(entry);
    this.#findings.push(...checker.findings);
    if (this.#options.readData === true) await this.#readPacks(sizes, trees, snapshots);
    this.#progress.enter('done');
    return {
      findings: this.#findings,
      packs: this.#packs.size,
      blobs: this.#index.size,
      snapshots: snapshots.length,
      bytes_read: this.#bytesRead,
    };
  }

  async #checkKeys(): Promise<void> {
    for (const name of await this.#repository.listNames('keys')) {
      const data = await this.#repository.storage.get('keys', name);
      if (parseKeyFile(data.toString('utf8')) === null) {
        this.#report('KEY_DAMAGED', 'error', `the key file ${name} cannot be read; another key opened the repository`);
      } else if (createHash('sha256').update(data).digest('hex') !== name) {
        this.#report('KEY_DAMAGED', 'error', `the key file ${name} does not hold what its name says`);
      }
    }
  }

  async #loadSnapshots(): Promise<SnapshotEntry[]> {
    const entries: SnapshotEntry[] = [];
    for (const name of await this.#repository.listNames('snapshots')) {
      throwIfAborted(this.#signal);
      const id = snapshotId.parse(name);
      try {
        entries.push({ id, snapshot: await loadSnapshot(this.#repository, id) });
      } catch (error) {
        // A snapshot that was forgotten between the listing and now is no damage.
        if (error instanceof PlatformError && error.code === 'SNAPSHOT_NOT_FOUND') continue;
        this.#reportDamage(error, 'SNAPSHOT_DAMAGED', [name.slice(0, 8)]);
      }
    }
    return entries;
  }

  async #loadIndex(): Promise<void> {
    for (const name of await this.#repository.listNames('index')) {
      throwIfAborted(this.#signal);
      let packs: PackContents[] | null;
      try {
        packs = decodeIndexFile(await this.#repository.loadUnpacked('index', name));
      } catch (error) {
        if (error instanceof PlatformError && error.code === 'STORAGE_FILE_MISSING') continue;
        this.#reportDamage(error, 'INDEX_DAMAGED', []);
        continue;
      }
      if (packs === null) this.#report('INDEX_DAMAGED', 'error', `the index file ${name} is not a valid index`);
      for (const pack of packs ?? []) this.#addPack(pack);
    }
  }

  #addPack(pack: PackContents): void {
    const known = this.#packs.get(pack.id);
    if (known === undefined) {
      this.#packs.set(pack.id, pack);
      this.#index.addPack(pack);
    } else if (JSON.stringify(known.blobs) === JSON.stringify(pack.blobs)) {
      this.#report('PACK_INDEXED_TWICE', 'harmless', `the pack ${pack.id} is listed by several index files`);
    } else {
      this.#report('INDEX_DISAGREES', 'error', `two index files list different blobs for the pack ${pack.id}`);
    }
  }

  /** Compares packs in the storage with the index, by name and size. Returns the sizes. */
  async #checkPackList(): Promise<ReadonlyMap<PackId, number>> {
    const sizes = new Map<PackId, number>();
    for await (const { name, size } of this.#repository.storage.list('data')) {
      throwIfAborted(this.#signal);
      const id = asPackId(name);
      sizes.set(id, size);
      if (!this.#packs.has(id)) {
        this.#report(
          'PACK_NOT_INDEXED',
          'harmless',
          `no index lists the pack ${id}, as an interrupted backup leaves it`,
        );
      }
    }
    for (const { id, blobs } of this.#packs.values()) {
      const size = sizes.get(id);
      const expected = packSize(blobs);
      if (size === undefined) this.#report('PACK_MISSING', 'error', `the pack ${id} is missing`);
      else if (size !== expected) {
        this.#report('PACK_SIZE_WRONG', 'error', `the pack ${id} has ${size} bytes, expected are ${expected}`);
      }
      if (blobs.some(({ type }) => type !== blobs[0]?.type)) {
        this.#report('PACK_MIXED', 'harmless', `the pack ${id} holds data and trees, as old versions wrote it`);
      }
    }
    return sizes;
  }

  async #readPacks(
    sizes: ReadonlyMap<PackId, number>,
    trees: TreeReader,
    snapshots: readonly SnapshotEntry[],
  ): Promise<void> {
    const present = [...this.#packs.values()].filter(({ id }) => sizes.has(id));
    const data: CheckWorkerData = { location: this.#repository.storage.location, key: this.#repository.key };
    const pool = new WorkerPool<PackContents, PackFaults, never>(
      workerEntry(import.meta.url, './check-worker.ts'),
      data,
      availableParallelism(),
      () => undefined,
    );
    const damaged = new Map<BlobId, string>();
    this.#progress.expect(
      present.reduce((sum, { id }) => sum + (sizes.get(id) ?? 0), 0),
      present.length,
    );
    this.#progress.enter('verifying', true);
    try {
      const running: Promise<void>[] = [];
      for (const pack of present) {
        throwIfAborted(this.#signal);
        await pool.capacity();
        const ended = pool.run(pack).then(({ faults, blobs }) => {
          const size = sizes.get(pack.id) ?? 0;
          this.#bytesRead += size;
          this.#progress.add(size, 1);
          for (const fault of faults) this.#report('PACK_DAMAGED', 'error', `the pack ${pack.id} is damaged: ${fault}`);
          for (const { blob, reason } of blobs) {
            damaged.set(blob.id, `${describeBlob(blob.type, blob.id)} in the pack ${pack.id} is damaged: ${reason}`);
          }
        });
        ended.catch(() => undefined);
        running.push(ended);
      }
      await Promise.all(running);
    } catch (error) {
      throwIfAborted(this.#signal);
      throw toPlatformError(error);
    } finally {
      await pool.terminate();
    }
    if (damaged.size === 0) return;
    const affected = await findAffected(trees, snapshots, new Set(damaged.keys()), this.#pauses);
    for (const [id, message] of damaged) this.#report('BLOB_DAMAGED', 'error', message, affected.get(id) ?? []);
  }

  #reportDamage(error: unknown, code: Finding['code'], affected: readonly string[]): void {
    if (!(error instanceof PlatformError) || error.kind !== 'damage') throw error;
    this.#report(code, 'error', error.message, affected);
  }

  #report(
    code: Finding['code'],
    severity: Finding['severity'],
    message: string,
    affected: readonly string[] = [],
  ): void {
    this.#findings.push({ code, severity, message, affected });
  }
}
