import { linkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { PlatformError, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { RecoveryResult } from '@enterprise-backup/contracts/tasks';
import type { BlobIndex } from '../index/blob-index.ts';
import { withLock } from '../locks.ts';
import { Pauses, throwIfAborted } from '../pauses.ts';
import { makeDevice, makeFifo } from '../posix/special-files.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import { ProgressReporter } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { displayPath, SkippedItems } from '../skipped-items.ts';
import { workerEntry } from '../worker/worker-entry.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import { applyMetadata, type MetadataFault } from './apply-metadata.ts';
import { reasonOf } from '../archiver/file-reader.ts';
import { compareFiles } from './compare-files.ts';
import { openPlan, type RestoreOptions } from './open-plan.ts';
import { PackSchedule, type PackJob } from './pack-schedule.ts';
import {
  checkTarget,
  findExisting,
  look,
  makeFolders,
  removeTemporaries,
  type CheckedTarget,
  type ExistingFolders,
} from './prepare-target.ts';
import type { RestoreNotice, RestoreRequest, RestoreResponse, RestoreWorkerData } from './restore-messages.ts';
import {
  joinRelative,
  type PlannedFile,
  type PlannedPlace,
  type PlannedSpecial,
  type RestorePlan,
} from './restore-plan.ts';
import { targetError, TargetFolders } from './target-folders.ts';
import { temporaryName } from './temporary-name.ts';

/** Files without content that a thread creates in one request. */
const filesPerRequest = 64;
/** Damaged files that an error names; it counts them all. */
const filesNamed = 5;

/**
 * Restores a folder of a snapshot into a target, then compares each file with its blobs.
 *
 * Each file is written under a temporary name beside its place and renamed when it is whole, so that no crash leaves a
 * half file under a final name; the next restore removes what was left. Files that stand in the target with the right
 * content are not fetched again. Nothing is written outside the target, whatever names or links stand in the way. A
 * damaged blob costs the files that hold it; everything else is restored before the damage is thrown.
 *
 * Throws SNAPSHOT_NOT_FOUND, SNAPSHOT_PATH_NOT_FOUND, TARGET_PATH_INVALID, TARGET_IS_LINK, TARGET_NOT_WRITABLE, DISK_FULL,
 * TREE_HOSTILE, TREE_DAMAGED, BLOB_MISSING, BLOB_DAMAGED, VERIFY_MISMATCH, CANCELLED, or a STORAGE_ error.
 */
export async function restore(repository: Repository, options: RestoreOptions): Promise<Omit<RecoveryResult, 'kind'>> {
  const target = await checkTarget(options.target);
  return withLock(repository, 'shared', options.signal, async (signal) => {
    const { clock } = repository;
    const started = clock.now().getTime();
    const progress = new ProgressReporter(clock, options.onProgress);
    const pauses = new Pauses(signal);
    progress.enter('opening');
    const { plan, index } = await openPlan(repository, options, progress, pauses);
    const counts =
      options.dryRun === true
        ? null
        : await new Restore(repository, index, plan, target, signal, progress).run(options);
    progress.enter('done');
    return {
      dry_run: options.dryRun ?? false,
      files_total: plan.files.length + plan.links.length,
      bytes_total: plan.bytes,
      files_written: counts?.filesWritten ?? 0,
      bytes_written: counts?.bytesWritten ?? 0,
      files_unchanged: counts?.filesUnchanged ?? 0,
      files_verified: counts === null ? 0 : plan.files.length + plan.links.length,
      bytes_verified: counts === null ? 0 : plan.bytes,
      skipped_count: counts?.skipped.count ?? 0,
      skipped: counts?.skipped.kept ?? [],
      duration_seconds: (clock.now().getTime() - started) / 1000,
    };
  });
}

interface RestoreCounts {
  readonly filesWritten: number;
  readonly bytesWritten: number;
  readonly filesUnchanged: number;
  readonly skipped: SkippedItems;
}

class Restore {
  readonly #repository: Repository;
  readonly #index: BlobIndex;
  readonly #plan: RestorePlan;
  readonly #target: CheckedTarget;
  readonly #signal: AbortSignal;
  readonly #progress: ProgressReporter;
  readonly #pauses: Pauses;
  readonly #folders: TargetFolders;
  readonly #skipped = new SkippedItems();
  /** Files that cannot be restored, and why. */
  readonly #damaged = new Map<PlannedFile, PlatformError>();

  constructor(
    repository: Repository,
    index: BlobIndex,
    plan: RestorePlan,
    target: CheckedTarget,
    signal: AbortSignal,
    progress: ProgressReporter,
  ) {
    this.#repository = repository;
    this.#index = index;
    this.#plan = plan;
    this.#target = target;
    this.#signal = signal;
    this.#progress = progress;
    this.#pauses = new Pauses(signal);
    this.#folders = new TargetFolders(Buffer.from(target.path));
  }

  async run(options: RestoreOptions): Promise<RestoreCounts> {
    const operation = options.snapshot;
    const existing = await findExisting(this.#plan, this.#target, this.#folders, this.#pauses);
    await makeFolders(this.#plan, this.#target, existing, this.#folders, this.#pauses);
    const remaining = new SharedArrayBuffer(Math.max(4, this.#plan.files.length * 4));
    const pool = this.#startThreads(operation, remaining);
    const stop = () => {
      void pool.terminate();
    };
    this.#signal.addEventListener('abort', stop);
    try {
      throwIfAborted(this.#signal);
      const unchanged = await this.#findUnchanged(pool, existing);
      const wanted = this.#plan.files.filter((file) => !unchanged.has(file));
      const bytes = wanted.reduce((sum, file) => sum + file.size, 0);
      this.#progress.expect(bytes, wanted.length);
      this.#progress.enter('writing', true);
      await this.#writeFiles(pool, wanted, new Int32Array(remaining));
      await this.#writeOthers(operation);
      const written = wanted.filter((file) => !this.#damaged.has(file));
      this.#progress.expect(
        written.reduce((sum, file) => sum + file.size, 0),
        written.length,
      );
      this.#progress.enter('verifying', true);
      await this.#verify(pool, written);
      this.#progress.enter('finishing');
      await this.#finishFolders();
      this.#throwDamage();
      return {
        filesWritten: written.length + this.#plan.links.length,
        bytesWritten: bytes,
        filesUnchanged: unchanged.size,
        skipped: this.#skipped,
      };
    } catch (error) {
      await pool.terminate();
      this.#sweep();
      throwIfAborted(this.#signal);
      throw toPlatformError(error);
    } finally {
      this.#signal.removeEventListener('abort', stop);
      await pool.terminate();
      this.#folders.close();
    }
  }

  #startThreads(
    operation: string,
    remaining: SharedArrayBuffer,
  ): WorkerPool<RestoreRequest, RestoreResponse, RestoreNotice> {
    const data: RestoreWorkerData = {
      storage: this.#repository.storage.description,
      key: this.#repository.key,
      target: this.#target.path,
      operation,
      remaining,
    };
    const entry = workerEntry(import.meta.url, './restore-worker.ts');
    return new WorkerPool(entry, data, availableParallelism(), ({ bytes, files }) => {
      this.#progress.add(bytes, files);
    });
  }

  /** Files that stand in the target with the size, the time and every byte of the point. Their metadata is set again. */
  async #findUnchanged(
    pool: WorkerPool<RestoreRequest, RestoreResponse, RestoreNotice>,
    existing: ExistingFolders,
  ): Promise<ReadonlySet<PlannedFile>> {
    const candidates: PlannedFile[] = [];
    for (const file of this.#plan.files) {
      await this.#pauses.pauseIfDue();
      if (!existing.has(file.folder.toString('latin1'))) continue;
      const found = look(this.#folders.place(file.folder, file.name));
      const mtime = found === null ? null : Math.trunc(found.mtimeMs / 1000);
      const wanted = Number(file.metadata.mtimeNs / 1_000_000_000n);
      if (found?.isFile() === true && found.size === file.size && mtime === wanted) candidates.push(file);
    }
    const differing = new Set((await this.#compare(pool, candidates)).map(({ file }) => file));
    const unchanged = new Set(candidates.filter((file) => !differing.has(file)));
    for (const file of unchanged) {
      await this.#pauses.pauseIfDue();
      this.#note(file, applyMetadata(this.#folders.place(file.folder, file.name), file.metadata, 'other'));
    }
    return unchanged;
  }

  async #writeFiles(
    pool: WorkerPool<RestoreRequest, RestoreResponse, RestoreNotice>,
    files: readonly PlannedFile[],
    remaining: Int32Array,
  ): Promise<void> {
    const schedule = new PackSchedule(this.#index);
    const empty: PlannedFile[] = [];
    for (const file of files) {
      await this.#pauses.pauseIfDue();
      remaining[file.number] = file.content.length;
      if (file.content.length === 0) {
        empty.push(file);
        continue;
      }
      const missing = schedule.add(file);
      if (missing !== null) {
        this.#damaged.set(file, new PlatformError('BLOB_MISSING', `its data blob ${missing} is in no index`));
      }
    }
    const jobs: PackJob[] = schedule.jobs();
    const running: Promise<void>[] = [];
    const take = (response: RestoreResponse) => {
      this.#noteAll(response);
      if (response.damaged.length === 0) return;
      const next = schedule.afterDamage(response.damaged.map(({ id }) => id));
      jobs.push(...next.jobs);
      for (const [id, lostFiles] of next.lost) {
        const reason = response.damaged.find((blob) => blob.id === id)?.reason ?? 'it is damaged';
        for (const file of lostFiles) {
          this.#damaged.set(file, new PlatformError('BLOB_DAMAGED', `its data blob ${id} is unusable: ${reason}`));
        }
      }
    };
    const start = async (request: RestoreRequest) => {
      await this.#pauses.pauseIfDue();
      await pool.capacity();
      const ended = pool.run(request).then(take);
      ended.catch(() => undefined);
      running.push(ended);
    };
    for (let at = 0; at < empty.length; at += filesPerRequest) {
      await start({ kind: 'empty', files: empty.slice(at, at + filesPerRequest) });
    }
    // A damaged copy puts further jobs at the end of the list, for the other copies of its blobs.
    while (jobs.length > 0) {
      for (const { pack, blobs } of jobs.splice(0)) await start({ kind: 'pack', pack, blobs });
      await Promise.all(running.splice(0));
    }
  }

  /** Hard links, symlinks, fifos and devices: also made under a temporary name and renamed. */
  async #writeOthers(operation: string): Promise<void> {
    for (const link of this.#plan.links) {
      await this.#pauses.pauseIfDue();
      if (this.#damaged.has(link.original)) continue;
      this.#publish(operation, link, (temporary) => {
        linkSync(this.#folders.place(link.original.folder, link.original.name), temporary);
      });
    }
    for (const special of this.#plan.specials) {
      await this.#pauses.pauseIfDue();
      try {
        this.#publish(operation, special, (temporary) => {
          createSpecial(special, temporary);
          const kind = special.type === 'symlink' ? 'link' : 'other';
          this.#note(special, applyMetadata(temporary, special.metadata, kind));
        });
      } catch (error) {
        if (!(error instanceof PlatformError) || !hasPosixCode(error.cause, 'EPERM')) throw error;
        this.#note(special, [
          { code: 'DEVICE_NOT_CREATED', message: `it cannot be created: ${reasonOf(error.cause)}` },
        ]);
      }
    }
  }

  #publish(operation: string, { folder, name }: PlannedPlace, create: (temporary: Buffer) => void): void {
    try {
      const temporary = this.#folders.place(folder, temporaryName(operation, name));
      create(temporary);
      renameSync(temporary, this.#folders.place(folder, name));
      // Renaming one name of a file to another name of the same file leaves both.
      rmSync(temporary, { force: true });
    } catch (error) {
      throw targetError(error, joinRelative(folder, name));
    }
  }

  async #verify(
    pool: WorkerPool<RestoreRequest, RestoreResponse, RestoreNotice>,
    files: readonly PlannedFile[],
  ): Promise<void> {
    const [first, ...others] = await this.#compare(pool, files);
    if (first === undefined) return;
    throw new PlatformError(
      'VERIFY_MISMATCH',
      `${others.length + 1} restored files differ from the point; the first is ${placeName(first.file)}: ${first.reason}`,
    );
  }

  async #compare(
    pool: WorkerPool<RestoreRequest, RestoreResponse, RestoreNotice>,
    files: readonly PlannedFile[],
  ): Promise<{ readonly file: PlannedFile; readonly reason: string }[]> {
    return compareFiles(pool, this.#plan, this.#index, files, this.#pauses);
  }

  /** Metadata of folders comes last, the deepest first: everything made in a folder changes its time. */
  async #finishFolders(): Promise<void> {
    for (const { path, metadata } of [...this.#plan.folders].reverse()) {
      await this.#pauses.pauseIfDue();
      if (metadata === null) continue;
      const faults = applyMetadata(this.#folders.place(path, Buffer.from('.')), metadata, 'other');
      for (const { code, message } of faults) this.#skipped.add(path, code, message);
    }
  }

  #noteAll(response: RestoreResponse): void {
    for (const { file, fault } of response.faults) {
      const planned = this.#plan.files[file];
      if (planned !== undefined) this.#note(planned, [fault]);
    }
  }

  #note({ folder, name }: PlannedPlace, faults: readonly MetadataFault[]): void {
    for (const { code, message } of faults) this.#skipped.add(joinRelative(folder, name), code, message);
  }

  /** Removes half-written files after a failure, as far as that is possible. */
  #sweep(): void {
    for (const { path } of this.#plan.folders) {
      try {
        removeTemporaries(this.#folders, path);
      } catch {
        // The folder was not made yet or cannot be read: the next restore sweeps it.
      }
    }
  }

  #throwDamage(): void {
    const [first] = this.#damaged.values();
    if (first === undefined) return;
    this.#sweep();
    const named = [...this.#damaged]
      .slice(0, filesNamed)
      .map(([file, error]) => `${placeName(file)}: ${error.message}`);
    const rest = this.#damaged.size > filesNamed ? `; and ${this.#damaged.size - filesNamed} more` : '';
    throw new PlatformError(
      first.code,
      `${this.#damaged.size} of ${this.#plan.files.length} files could not be restored, all others are: ${named.join('; ')}${rest}`,
    );
  }
}

function createSpecial({ type, linkTarget, device }: PlannedSpecial, path: Buffer): void {
  switch (type) {
    case 'symlink':
      symlinkSync(linkTarget, path);
      break;
    case 'fifo':
      makeFifo(path, 0o600);
      break;
    case 'dev':
      makeDevice(path, 'block', 0o600, BigInt(device));
      break;
    case 'chardev':
      makeDevice(path, 'character', 0o600, BigInt(device));
  }
}

function placeName({ folder, name }: PlannedPlace): string {
  return displayPath(joinRelative(folder, name));
}
