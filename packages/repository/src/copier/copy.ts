import { PlatformError, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { blobKey, ImpactFinder, noImpact, type Impact } from '../checker/impact.ts';
import { isDamage } from '../damage.ts';
import type { BlobId } from '../format/blob.ts';
import { parseTime } from '../format/node-time.ts';
import type { Snapshot, SnapshotEntry } from '../format/snapshot.ts';
import type { TreeNode } from '../format/tree.ts';
import { BlobIndex } from '../index/blob-index.ts';
import { IndexWriter } from '../index/index-writer.ts';
import { readIndexFile, surveyIndex } from '../index/index-survey.ts';
import { loadIndex } from '../index/load-index.ts';
import { withLock } from '../locks.ts';
import { PackUploader } from '../pack/pack-uploader.ts';
import { Pauses, throwIfAborted } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import { readSnapshots } from '../readable-snapshots.ts';
import type { Repository } from '../repository.ts';
import { loadSnapshot, saveSnapshot } from '../snapshots.ts';
import { decodeNodes, TreeReader } from '../tree/tree-reader.ts';
import { BlobTransfer } from './blob-transfer.ts';
import { findCopy, originOf } from './find-copy.ts';
import { verifyStoredPack } from './verify-stored-pack.ts';

/** What a kill costs is no more than the trees of a batch being walked again. */
const usualBatch = 256 * 1024 * 1024;

export interface CopyOptions {
  /** Snapshots to copy; otherwise all. */
  readonly snapshots?: readonly SnapshotId[] | undefined;
  /** Whether what was stored is read back from the target; otherwise each pack is verified as it was sent. On by default. */
  readonly readBack?: boolean;
  /** Whether the source is locked, which takes the right to write there. On by default. */
  readonly lockSource?: boolean;
  /** Snapshots are saved whenever this many bytes were copied for them; 256 MiB by default. */
  readonly batchBytes?: number;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A snapshot and its copy. */
export interface CopiedSnapshot {
  readonly from: SnapshotId;
  readonly to: SnapshotId;
}

/** A snapshot that cannot be copied, and why, as a sentence. */
export interface FailedSnapshot {
  readonly snapshot_id: SnapshotId;
  readonly reason: string;
  /** The first files and folders that it costs, in the form `<snapshot>:<path>`. */
  readonly affected: readonly string[];
}

/** What a copy did. Sizes in bytes. */
export interface CopyResult {
  readonly copied: readonly CopiedSnapshot[];
  /** Snapshots that the target had already. */
  readonly present: readonly CopiedSnapshot[];
  /** Snapshots of which the source has lost something. */
  readonly failed: readonly FailedSnapshot[];
  readonly blobs_copied: number;
  readonly bytes_fetched: number;
  readonly bytes_added: number;
  readonly bytes_stored: number;
  readonly packs_stored: number;
  /** Whether packs, index files and snapshots were read back from the target. */
  readonly read_back: boolean;
  readonly duration_seconds: number;
}

/**
 * Copies snapshots into another repository, which may have another key, storage, format and chunker. Blobs that the target
 * holds are not copied; the others are opened, compared with their ids, and sealed with the target's key. A snapshot keeps
 * its time, tags and all else; `original` names the first of its kind, so that one which is there already is recognised.
 *
 * Order of writes: packs, index files, then snapshots, in batches. A crash leaves packs and index entries that no snapshot
 * needs: the same copy made again goes on from what is listed. A snapshot of which something cannot be read in the source is
 * left out and named; the others are copied.
 *
 * Throws REPOSITORY_SAME, SNAPSHOT_NOT_FOUND, INDEX_DAMAGED for the target, PACK_DAMAGED when what was stored is not what
 * was sent, REPOSITORY_LOCKED, CANCELLED, or a STORAGE_ error.
 */
export async function copySnapshots(
  source: Repository,
  target: Repository,
  options: CopyOptions = {},
): Promise<CopyResult> {
  if (source.id === target.id) {
    throw new PlatformError('REPOSITORY_SAME', `${source.storage.location} and ${target.storage.location} are one`);
  }
  const run = (signal: AbortSignal | undefined) =>
    withLock(target, 'shared', signal, (stop) => new Copy(source, target, options, stop).run());
  return options.lockSource === false ? run(options.signal) : withLock(source, 'shared', options.signal, run);
}

class Copy {
  readonly #source: Repository;
  readonly #target: Repository;
  readonly #options: CopyOptions;
  readonly #signal: AbortSignal;
  readonly #progress: ProgressReporter;
  readonly #pauses: Pauses;
  readonly #readBack: boolean;
  readonly #copied: CopiedSnapshot[] = [];
  readonly #present: CopiedSnapshot[] = [];
  readonly #failed: FailedSnapshot[] = [];
  /** Trees of which everything is queued or stored. */
  readonly #queuedTrees = new Set<BlobId>();
  #bytesFetched = 0;
  #treePlainBytes = 0;
  #treePacks = 0;
  #treeBytes = 0;
  #treeBlobs = 0;

  constructor(source: Repository, target: Repository, options: CopyOptions, signal: AbortSignal) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
    this.#signal = signal;
    this.#progress = new ProgressReporter(target.clock, options.onProgress);
    this.#pauses = new Pauses(signal);
    this.#readBack = options.readBack ?? true;
  }

  async run(): Promise<CopyResult> {
    const startedAt = this.#target.clock.now().getTime();
    this.#progress.enter('opening');
    const wanted = await this.#chooseSnapshots();
    const sourceIndex = BlobIndex.create();
    // Damage of the source's index shows as blobs that are missing, of the snapshots that need them.
    await surveyIndex(this.#source, sourceIndex.addPack.bind(sourceIndex));
    const targetIndex = await loadIndex(this.#target);
    const transfer = new BlobTransfer({
      source: this.#source,
      sourceIndex,
      target: this.#target,
      readBack: this.#readBack,
      onFetched: (bytes) => {
        this.#bytesFetched += bytes;
        this.#progress.add(bytes, 0);
      },
    });
    try {
      this.#progress.enter('writing');
      await this.#copyAll(wanted, sourceIndex, targetIndex, transfer);
    } catch (error) {
      throwIfAborted(this.#signal);
      throw toPlatformError(error);
    } finally {
      await transfer.terminate();
    }
    this.#progress.enter('done');
    return {
      copied: this.#copied,
      present: this.#present,
      failed: this.#failed,
      blobs_copied: transfer.blobs + this.#treeBlobs,
      bytes_fetched: this.#bytesFetched,
      bytes_added: transfer.plainBytes + this.#treePlainBytes,
      bytes_stored: transfer.bytesStored + this.#treeBytes,
      packs_stored: transfer.packs + this.#treePacks,
      read_back: this.#readBack,
      duration_seconds: (this.#target.clock.now().getTime() - startedAt) / 1000,
    };
  }

  /** Snapshots that are not in the target yet, oldest first: before the indexes are read, so that these hold what they need. */
  async #chooseSnapshots(): Promise<SnapshotEntry[]> {
    const { entries, unreadable } = await readSnapshots(this.#source, this.#signal);
    const { snapshots } = this.#options;
    const chosen = snapshots === undefined ? null : new Set(snapshots);
    const unknown = snapshots?.find((id) => ![...entries, ...unreadable].some((known) => known.id === id));
    if (unknown !== undefined) throw new PlatformError('SNAPSHOT_NOT_FOUND', `there is no snapshot ${unknown}`);
    for (const { id, reason } of unreadable) {
      if (chosen?.has(id) !== false) this.#failed.push({ snapshot_id: id, reason, affected: [] });
    }
    const there = (await readSnapshots(this.#target, this.#signal)).entries;
    const time = ({ snapshot }: SnapshotEntry) => parseTime(snapshot.time) ?? 0n;
    entries.sort((left, right) => (time(left) < time(right) ? -1 : time(left) > time(right) ? 1 : 0));
    const wanted: SnapshotEntry[] = [];
    for (const entry of entries) {
      if (chosen?.has(entry.id) === false) continue;
      const copy = findCopy(there, entry);
      if (copy === null) wanted.push(entry);
      else this.#present.push({ from: entry.id, to: copy.id });
    }
    return wanted;
  }

  async #copyAll(
    wanted: readonly SnapshotEntry[],
    sourceIndex: BlobIndex,
    targetIndex: BlobIndex,
    transfer: BlobTransfer,
  ): Promise<void> {
    const sourceTrees = new TreeReader(this.#source, sourceIndex);
    const index = new IndexWriter(this.#target);
    const { storage, key, version } = this.#target;
    const trees = new PackUploader(storage, 'tree', key, version, async (pack) => {
      await verifyStoredPack(storage, key, pack, this.#readBack);
      this.#treePacks += 1;
      this.#treeBytes += pack.data.byteLength;
      this.#treePlainBytes += pack.plainBytes;
      this.#treeBlobs += pack.contents.blobs.length;
      await index.add(pack.contents);
    });
    /** Returns why a tree at or below this one cannot be read, as a sentence. Trees above it are then not stored. */
    const copyTree = async (tree: BlobId): Promise<string | null> => {
      await this.#pauses.pauseIfDue();
      if (this.#queuedTrees.has(tree)) return null;
      const read = await readTree(sourceTrees, tree);
      if (typeof read === 'string') return read;
      for (const node of read.nodes) {
        for (const id of node.content ?? []) {
          const known = transfer.failed.has(blobKey('data', id));
          if (known || !targetIndex.claim('data', Buffer.from(id, 'hex'))) continue;
          if (!(await transfer.want('data', id))) transfer.failed.set(blobKey('data', id), 'no index lists it');
        }
        const fault = node.subtree === null ? null : await copyTree(node.subtree);
        if (fault !== null) return fault;
      }
      const id = Buffer.from(tree, 'hex');
      if (targetIndex.claim('tree', id)) await trees.add(id, read.plaintext);
      this.#queuedTrees.add(tree);
      return null;
    };

    let batch: SnapshotEntry[] = [];
    let flushedAt = 0;
    const flush = async (): Promise<void> => {
      const before = new Set(await this.#target.listNames('index'));
      await transfer.flush();
      await trees.flush();
      await index.flush();
      if (this.#readBack) await this.#verifyIndexFiles(before);
      for (const entry of batch)
        await this.#save(entry, await this.#findLost(entry, sourceTrees, sourceIndex, transfer));
      batch = [];
      flushedAt = transfer.bytesWanted;
    };
    for (const entry of wanted) {
      throwIfAborted(this.#signal);
      const fault = await copyTree(entry.snapshot.tree);
      if (fault === null) batch.push(entry);
      else this.#failed.push({ snapshot_id: entry.id, reason: fault, affected: [] });
      if (transfer.bytesWanted - flushedAt >= (this.#options.batchBytes ?? usualBatch)) await flush();
    }
    await flush();
  }

  /** Index files that were added since `before` are what they were meant to be. Others may have written some of them. */
  async #verifyIndexFiles(before: ReadonlySet<string>): Promise<void> {
    for (const name of await this.#target.listNames('index')) {
      if (before.has(name)) continue;
      const file = await readIndexFile(this.#target, name);
      if (typeof file === 'string') throw new PlatformError('INDEX_DAMAGED', file);
    }
  }

  /** What a snapshot needs of the blobs that could not be copied; null when it needs none. */
  async #findLost(
    entry: SnapshotEntry,
    trees: TreeReader,
    index: BlobIndex,
    { failed }: BlobTransfer,
  ): Promise<FailedSnapshot | null> {
    if (failed.size === 0) return null;
    const impacts = new Map([...failed.keys()].map((key) => [key, noImpact()]));
    const blobs = new Map<string, readonly Impact[]>([...impacts].map(([key, impact]) => [key, [impact]]));
    await new ImpactFinder(trees, index, { blobs, unlisted: [] }, this.#pauses).add(entry);
    const lost = [...impacts].find(([, impact]) => impact.points.size > 0);
    if (lost === undefined) return null;
    const [key, impact] = lost;
    const reason = `the blob ${key} cannot be read: ${failed.get(key) ?? ''}`;
    return { snapshot_id: entry.id, reason, affected: impact.names };
  }

  async #save(entry: SnapshotEntry, lost: FailedSnapshot | null): Promise<void> {
    throwIfAborted(this.#signal);
    if (lost !== null) {
      this.#failed.push(lost);
      return;
    }
    const parent = [...this.#copied, ...this.#present].find(({ from }) => from === entry.snapshot.parent)?.to;
    const snapshot: Snapshot = { ...entry.snapshot, parent, original: originOf(entry) };
    const to = await saveSnapshot(this.#target, snapshot);
    if (this.#readBack) await loadSnapshot(this.#target, to);
    this.#copied.push({ from: entry.id, to });
    this.#progress.add(0, 1);
  }
}

/** A tree's bytes as they are, so that one which another program wrote keeps its id, and its nodes; or why it cannot be read. */
async function readTree(
  trees: TreeReader,
  id: BlobId,
): Promise<{ readonly plaintext: Buffer; readonly nodes: readonly TreeNode[] } | string> {
  try {
    const plaintext = await trees.readPlaintext(id);
    return { plaintext, nodes: decodeNodes(id, plaintext) };
  } catch (error) {
    if (isDamage(error)) return error.message;
    throw error;
  }
}
