import { readdirSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { availableParallelism, hostname, userInfo } from 'node:os';
import { setMaxListeners } from 'node:events';
import { PlatformError, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import type { BackupResult } from '@enterprise-backup/contracts/tasks';
import { matchPatterns } from '../filter/match-patterns.ts';
import type { BlobId } from '../format/blob.ts';
import type { Snapshot, SnapshotSummary } from '../format/snapshot.ts';
import { encodeNode } from '../format/tree.ts';
import { IndexWriter } from '../index/index-writer.ts';
import { loadIndex } from '../index/load-index.ts';
import { withLock } from '../locks.ts';
import { Pauses, throwIfAborted } from '../pauses.ts';
import { listExtendedAttributes } from '../posix/extended-attributes.ts';
import { statPath } from '../posix/file-stat.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { SkippedItems } from '../skipped-items.ts';
import { loadSnapshot, saveSnapshot } from '../snapshots.ts';
import { findFolder } from '../tree/find-folder.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import { workerEntry } from '../worker/worker-entry.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import { Comparisons } from './comparisons.ts';
import { describeNode } from './describe-node.ts';
import type { FileNotice, FileRequest, FileResponse } from './file-messages.ts';
import { reasonOf } from './open-file.ts';
import type { FileWorkerData } from './file-worker.ts';
import { FolderWalker, type WalkCounts } from './folder-walker.ts';
import type { SizeRequest, SizeResponse } from './size-worker.ts';
import { TreeWriter } from './tree-writer.ts';

/** Stands in each snapshot, so that a person sees what wrote it. */
const programVersion = 'enterprise-backup 0.1.0';

/** Requests that a thread has at a time: the next one must be there when one is done, and pauses of this thread come in between. */
const requestsPerReader = 4;

/**
 * What a folder holds is counted, for the progress, only when the backup takes longer than this, in milliseconds: the count
 * takes a thread and as much of the processor as the look at all files that have not changed.
 */
const countAfter = 2000;

/** What to back up, and how. */
export interface BackupOptions {
  /** Absolute path of a folder. */
  readonly source: string;
  /** Snapshot whose unchanged files are not read again; null reads everything. */
  readonly parent: SnapshotId | null;
  /** Patterns as in .gitignore, relative to the source. */
  readonly excludes?: readonly string[];
  /** Whether a source that holds nothing is a backup, not a failure. */
  readonly allowEmpty?: boolean;
  readonly tags?: readonly string[];
  /** Defaults to this machine's. */
  readonly hostname?: string;
  readonly onProgress?: ProgressListener | undefined;
  /** Stops the backup, which then throws CANCELLED and leaves at most packs that no snapshot needs. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Backs up a folder as a new snapshot. Files that cannot be read are left out and named in the result.
 *
 * Order of writes: packs, then index files that list them, then the snapshot. A crash in between leaves packs or index
 * entries that no snapshot needs; the next backup uses what is indexed, prune sweeps the rest.
 *
 * Throws SOURCE_MISSING, SOURCE_EMPTY, SOURCE_UNREADABLE, SNAPSHOT_NOT_FOUND for the parent, REPOSITORY_LOCKED, CANCELLED, or
 * a STORAGE_ error.
 */
export async function backup(repository: Repository, options: BackupOptions): Promise<Omit<BackupResult, 'kind'>> {
  const source = await findSource(options);
  return withLock(repository, 'shared', options.signal, (signal) =>
    new Backup(repository, options, source, signal).run(),
  );
}

/** Resolves links in the path and checks that there is something to protect. */
async function findSource({ source, allowEmpty = false }: BackupOptions): Promise<string> {
  let path: string;
  let names: string[];
  try {
    path = await realpath(source);
    names = readdirSync(path);
  } catch (error) {
    if (hasPosixCode(error, 'ENOENT', 'ENOTDIR')) {
      const reason = hasPosixCode(error, 'ENOENT') ? 'does not exist' : 'is not a folder';
      throw new PlatformError('SOURCE_MISSING', `the source ${source} ${reason}`, { cause: error });
    }
    throw new PlatformError('SOURCE_UNREADABLE', `the source ${source} cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (names.length === 0 && !allowEmpty) throw new PlatformError('SOURCE_EMPTY', `the source ${source} holds nothing`);
  return path;
}

class Backup {
  readonly #repository: Repository;
  readonly #options: BackupOptions;
  readonly #source: string;
  readonly #signal: AbortSignal;
  readonly #progress: ProgressReporter;
  readonly #skipped = new SkippedItems();
  readonly #indexWriter: IndexWriter;
  readonly #indexFailures: Promise<void>[] = [];
  readonly #counts: WalkCounts = {
    filesNew: 0,
    filesChanged: 0,
    filesUnmodified: 0,
    foldersNew: 0,
    foldersChanged: 0,
    foldersUnmodified: 0,
    bytesProcessed: 0,
  };
  #bytesRead = 0;
  #bytesAdded = 0;
  #bytesStored = 0;
  #dataBlobs = 0;

  constructor(repository: Repository, options: BackupOptions, source: string, signal: AbortSignal) {
    this.#repository = repository;
    this.#options = options;
    this.#source = source;
    this.#signal = signal;
    this.#progress = new ProgressReporter(repository.clock, options.onProgress);
    this.#indexWriter = new IndexWriter(repository);
  }

  async run(): Promise<Omit<BackupResult, 'kind'>> {
    const repository = this.#repository;
    const started = repository.clock.now();
    this.#progress.enter('opening');
    const parent = this.#options.parent === null ? null : await loadSnapshot(repository, this.#options.parent);
    const index = await loadIndex(repository);
    const parentTrees = new TreeReader(repository, index);
    const parentFolder = parent === null ? null : await findFolder(parentTrees, parent.tree, this.#source);

    const data: FileWorkerData = {
      storage: repository.storage.description,
      key: repository.key,
      version: repository.version,
      polynomial: repository.config.polynomial,
      index: index.shared,
      source: Buffer.from(this.#source).toString('latin1'),
      excludes: this.#options.excludes ?? [],
    };
    const files = new WorkerPool<FileRequest, FileResponse, FileNotice>(
      workerEntry(import.meta.url, './file-worker.ts'),
      data,
      availableParallelism(),
      (notice) => {
        this.#takeNotice(notice);
      },
      requestsPerReader,
    );
    const sizes = new WorkerPool<SizeRequest, SizeResponse, never>(
      workerEntry(import.meta.url, './size-worker.ts'),
      {},
      1,
      () => undefined,
    );
    setMaxListeners(0, this.#signal);
    const stop = () => {
      void files.terminate();
    };
    this.#signal.addEventListener('abort', stop);
    const counting = setTimeout(() => {
      if (this.#options.onProgress !== undefined) void this.#learnTotals(sizes);
    }, countAfter);
    try {
      throwIfAborted(this.#signal);
      this.#progress.enter('reading');
      const trees = new TreeWriter(repository, index, (contents, size, plainBytes) => {
        this.#bytesAdded += plainBytes;
        this.#bytesStored += size;
        return this.#indexWriter.add(contents);
      });
      const { excludes = [] } = this.#options;
      const comparisons = parentFolder === null ? null : new Comparisons(files);
      const walker = new FolderWalker({
        index,
        files,
        trees,
        parentTrees,
        comparisons,
        excluded: excludes.length === 0 ? null : matchPatterns(excludes),
        skipped: this.#skipped,
        progress: this.#progress,
        pauses: new Pauses(this.#signal),
        counts: this.#counts,
        onBytesRead: (bytes) => {
          this.#countRead(bytes);
        },
      });
      if (parentFolder !== null) comparisons?.begin({ path: data.source, tree: parentFolder.tree });
      const content = await walker.walk(Buffer.from(this.#source), parentFolder?.tree ?? null);
      if (content === null) throw new PlatformError('SOURCE_UNREADABLE', `the source ${this.#source} cannot be listed`);
      const root = await this.#writeAncestors(trees, content);

      this.#progress.enter('finishing');
      await files.runOnEach({ kind: 'flush' });
      await trees.flush();
      await Promise.all(this.#indexFailures);
      await this.#indexWriter.flush();
      throwIfAborted(this.#signal);
      const result = await this.#saveSnapshot(root, started, trees.stored);
      this.#progress.enter('done');
      return result;
    } catch (error) {
      throwIfAborted(this.#signal);
      throw toPlatformError(error);
    } finally {
      clearTimeout(counting);
      this.#signal.removeEventListener('abort', stop);
      await Promise.all([files.terminate(), sizes.terminate()]);
    }
  }

  #countRead(bytes: number): void {
    this.#bytesRead += bytes;
    this.#progress.add(bytes, 0);
  }

  #takeNotice(notice: FileNotice): void {
    if (notice.kind === 'bytes') {
      this.#countRead(notice.bytes);
      return;
    }
    this.#bytesAdded += notice.plainBytes;
    this.#bytesStored += notice.size;
    this.#dataBlobs += notice.blobs;
    const added = this.#indexWriter.addEncoded(notice.entry, notice.blobs);
    added.catch(() => undefined);
    this.#indexFailures.push(added);
  }

  async #learnTotals(sizes: WorkerPool<SizeRequest, SizeResponse, never>): Promise<void> {
    try {
      const { files, bytes } = await sizes.run({ source: this.#source, excludes: this.#options.excludes ?? [] });
      this.#progress.expect(bytes, files);
    } catch {
      // The backup ended first, or the count failed: progress goes on without totals.
    }
    // The memory of a thread is of more use to those that read.
    await sizes.terminate();
  }

  /** Stores the folders above the source, each with its own metadata and one entry, as restic does for absolute paths. */
  async #writeAncestors(trees: TreeWriter, content: BlobId): Promise<BlobId> {
    let tree = content;
    const names = this.#source.split('/').filter((name) => name !== '');
    for (let depth = names.length; depth > 0; depth -= 1) {
      const path = `/${names.slice(0, depth).join('/')}`;
      const bytes = Buffer.from(path);
      const stat = statPath(bytes.toString('latin1'));
      const extendedAttributes = listExtendedAttributes(bytes);
      const name = Buffer.from(names[depth - 1] ?? '');
      const node = describeNode(name, 'dir', stat, { extendedAttributes, subtree: tree });
      tree = await trees.write([encodeNode(node)]);
    }
    return tree;
  }

  async #saveSnapshot(tree: BlobId, started: Date, treeBlobs: number): Promise<Omit<BackupResult, 'kind'>> {
    const { clock } = this.#repository;
    const ended = clock.now();
    const { username, uid, gid } = userInfo();
    const counts = this.#counts;
    const filesTotal = counts.filesNew + counts.filesChanged + counts.filesUnmodified;
    const summary: SnapshotSummary = {
      backup_start: started.toISOString(),
      backup_end: ended.toISOString(),
      files_new: counts.filesNew,
      files_changed: counts.filesChanged,
      files_unmodified: counts.filesUnmodified,
      dirs_new: counts.foldersNew,
      dirs_changed: counts.foldersChanged,
      dirs_unmodified: counts.foldersUnmodified,
      data_blobs: this.#dataBlobs,
      tree_blobs: treeBlobs,
      data_added: this.#bytesAdded,
      data_added_packed: this.#bytesStored,
      total_files_processed: filesTotal,
      total_bytes_processed: counts.bytesProcessed,
    };
    const snapshot: Snapshot = {
      time: started.toISOString(),
      parent: this.#options.parent ?? undefined,
      tree,
      paths: [this.#source],
      hostname: this.#options.hostname ?? hostname(),
      username,
      uid,
      gid,
      excludes: [...(this.#options.excludes ?? [])],
      tags: [...(this.#options.tags ?? [])],
      original: undefined,
      program_version: programVersion,
      summary,
    };
    const id = await saveSnapshot(this.#repository, snapshot);
    return {
      snapshot_id: id,
      source_path: this.#source,
      files_new: counts.filesNew,
      files_changed: counts.filesChanged,
      files_unmodified: counts.filesUnmodified,
      folders: counts.foldersNew + counts.foldersChanged + counts.foldersUnmodified,
      bytes_processed: counts.bytesProcessed,
      bytes_read: this.#bytesRead,
      bytes_added: this.#bytesAdded,
      bytes_stored: this.#bytesStored,
      skipped_count: this.#skipped.count,
      skipped: this.#skipped.kept,
      duration_seconds: (ended.getTime() - started.getTime()) / 1000,
    };
  }
}
