import { PlatformError, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { RecoveryResult } from '@enterprise-backup/contracts/tasks';
import type { BlobIndex } from '../index/blob-index.ts';
import { withLock } from '../locks.ts';
import { Pauses, throwIfAborted } from '../pauses.ts';
import { ProgressReporter } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { displayPath } from '../display-path.ts';
import { SkippedItems } from '../skipped-items.ts';
import { applyMetadata, type MetadataFault } from './apply-metadata.ts';
import { compareFiles, filesPerRequest, type RestorePool } from './compare-files.ts';
import { fetchWantedSize } from './fetch-wanted.ts';
import { findLeftovers, removeStale, sweep, type Leftovers } from './leftovers.ts';
import { openPlan, type RestoreOptions } from './open-plan.ts';
import { applyOverwrite, type OverwriteDecision } from './overwrite.ts';
import { PackSchedule, type PackJob } from './pack-schedule.ts';
import { plainLengthAt } from './plain-length.ts';
import { checkTarget, findExisting, makeFolders, type CheckedTarget } from './prepare-target.ts';
import type { RestoreRequest, RestoreResponse, Survey } from './restore-messages.ts';
import { joinRelative, type PlannedFile, type PlannedPlace, type RestorePlan } from './restore-plan.ts';
import { startRestorePool } from './restore-pool.ts';
import { surveyFiles } from './survey-files.ts';
import { syncTarget } from './sync-target.ts';
import { TargetFileStates } from './target-file-states.ts';
import { TargetFolders } from './target-folders.ts';
import { encodeWantedBlobs } from './wanted-blobs.ts';
import { writeOthers } from './write-others.ts';

/** Damaged files that an error names; it counts them all. */
const filesNamed = 5;
/** Planned files for which one more thread starts to load: they keep it busy for longer than that takes. */
const filesPerThread = 2000;

/**
 * Restores a folder of a snapshot into a target, and returns when all of it is on the disk.
 *
 * Every byte is read back and compared: what is written to a new file at once, with the blob that it came from; a file of
 * which parts were there as a whole, at the end, with the ids of its blobs.
 *
 * Each file is written under a temporary name beside its place and renamed when it is whole, so that no crash leaves a
 * half file under a final name; `inPlace` does without that. What is right already is not fetched: files that stand in the
 * target, parts of such files, and parts of files that a killed restore of the same snapshot was writing. Nothing is
 * written outside the target, whatever names or links stand in the way. A damaged blob costs the files that hold it;
 * everything else is restored before the damage is thrown.
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
    progress.enter('opening');
    const dryRun = options.dryRun ?? false;
    const pool = startRestorePool(repository, target.path, options.snapshot, progress);
    const stop = () => {
      void pool.terminate();
    };
    signal.addEventListener('abort', stop, { once: true });
    let plan: RestorePlan;
    let counts: RestoreCounts;
    try {
      const planned = await openPlan(repository, options, progress, new Pauses(signal), (files) => {
        // A dry run into an empty target needs no threads.
        if (!dryRun && files % filesPerThread === 0) pool.startAhead();
      });
      plan = planned.plan;
      counts = await new Restore(planned.index, plan, pool, target, options, signal, progress).run();
    } finally {
      signal.removeEventListener('abort', stop);
      await pool.terminate();
    }
    progress.enter('done');
    const files = plan.files.length + plan.links.length;
    return {
      dry_run: dryRun,
      files_total: files,
      bytes_total: plan.bytes,
      files_written: dryRun ? 0 : counts.filesToWrite,
      bytes_written: dryRun ? 0 : counts.bytesToWrite,
      files_unchanged: counts.filesUnchanged,
      files_verified: dryRun ? 0 : files - counts.filesKept,
      bytes_verified: dryRun ? 0 : plan.bytes - counts.bytesKept,
      files_kept: counts.filesKept,
      files_to_write: counts.filesToWrite,
      bytes_to_write: counts.bytesToWrite,
      bytes_fetched: counts.bytesFetched,
      skipped_count: counts.skipped.count,
      skipped: counts.skipped.kept,
      duration_seconds: (clock.now().getTime() - started) / 1000,
    };
  });
}

interface RestoreCounts {
  readonly filesToWrite: number;
  /** Bytes of content that differ from what stood in the target. */
  readonly bytesToWrite: number;
  /** Bytes read from the storage; in a dry run those that would be. */
  readonly bytesFetched: number;
  readonly filesUnchanged: number;
  readonly filesKept: number;
  readonly bytesKept: number;
  readonly skipped: SkippedItems;
}

/** A file to write, and the positions in its content of the blobs to fetch, in ascending order; null for all of them. */
interface WantedFile {
  readonly file: PlannedFile;
  readonly positions: readonly number[] | null;
}

/** What is left to do for the files of a plan, once the target was looked at. */
interface FileWork {
  readonly wanted: readonly WantedFile[];
  readonly unchanged: readonly PlannedFile[];
  readonly bytes: number;
}

class Restore {
  readonly #index: BlobIndex;
  readonly #pool: RestorePool;
  readonly #target: CheckedTarget;
  readonly #options: RestoreOptions;
  readonly #signal: AbortSignal;
  readonly #progress: ProgressReporter;
  readonly #pauses: Pauses;
  readonly #folders: TargetFolders;
  readonly #skipped = new SkippedItems();
  /** Files that cannot be restored, and why. */
  readonly #damaged = new Map<PlannedFile, PlatformError>();
  /** Files that do not hold what was written to them, and in what they differ, as the rest of a sentence. */
  readonly #differing = new Map<PlannedFile, string>();
  #plan: RestorePlan;
  readonly #filesByNumber: PlannedFile[] = [];
  #states = TargetFileStates.create(0);
  #bytesFetched = 0;

  constructor(
    index: BlobIndex,
    plan: RestorePlan,
    pool: RestorePool,
    target: CheckedTarget,
    options: RestoreOptions,
    signal: AbortSignal,
    progress: ProgressReporter,
  ) {
    this.#index = index;
    this.#plan = plan;
    this.#pool = pool;
    this.#target = target;
    this.#options = options;
    this.#signal = signal;
    this.#progress = progress;
    this.#pauses = new Pauses(signal);
    this.#folders = new TargetFolders(Buffer.from(target.path));
  }

  async run(): Promise<RestoreCounts> {
    const { snapshot, overwrite = 'if-changed', dryRun = false } = this.#options;
    try {
      const existing = await findExisting(this.#plan, this.#target, this.#folders, this.#pauses);
      const decision = await applyOverwrite(this.#plan, existing, this.#folders, overwrite, this.#pauses);
      this.#plan = decision.plan;
      for (const file of this.#plan.files) this.#filesByNumber[file.number] = file;
      this.#states = TargetFileStates.create(this.#filesByNumber.length);
      const leftovers = await findLeftovers(this.#plan, existing, this.#folders, snapshot, this.#pauses);
      if (!dryRun) {
        await removeStale(leftovers, this.#folders, this.#pauses);
        await makeFolders(this.#plan, this.#target, existing, this.#folders, this.#pauses);
      }
      try {
        throwIfAborted(this.#signal);
        return await this.#work(decision, leftovers);
      } catch (error) {
        await this.#pool.terminate();
        if (!dryRun && !isWorthResuming(error)) sweep(this.#plan, this.#folders);
        throwIfAborted(this.#signal);
        throw toPlatformError(error);
      }
    } finally {
      this.#folders.close();
    }
  }

  async #work(decision: OverwriteDecision, leftovers: Leftovers): Promise<RestoreCounts> {
    const { filesKept, bytesKept } = decision;
    const work = await this.#findWork(decision, leftovers);
    const dryRun = this.#options.dryRun ?? false;
    const links = this.#plan.links.filter(({ original }) => !this.#damaged.has(original)).length;
    const counts = { filesUnchanged: work.unchanged.length, filesKept, bytesKept, skipped: this.#skipped };
    const bytesToWrite = work.bytes;
    if (dryRun) {
      this.#throwDamage();
      const bytesFetched = this.#schedule(work)
        .jobs()
        .reduce((sum, { blobs }) => sum + fetchWantedSize(blobs()), 0);
      return { ...counts, filesToWrite: work.wanted.length + links, bytesToWrite, bytesFetched };
    }
    for (const file of work.unchanged) {
      await this.#pauses.pauseIfDue();
      this.#note(file, applyMetadata(this.#folders.place(file.folder, file.name), file.metadata, 'other'));
    }
    this.#progress.expect(work.bytes, work.wanted.length);
    this.#progress.enter('writing', true);
    await this.#writeFiles(work);
    await writeOthers(this.#plan, {
      folders: this.#folders,
      operation: this.#options.snapshot,
      pauses: this.#pauses,
      isDamaged: (file) => this.#damaged.has(file) || this.#differing.has(file),
      note: (place, faults) => {
        this.#note(place, faults);
      },
    });
    const written = work.wanted.map(({ file }) => file).filter((file) => !this.#damaged.has(file));
    await this.#verify(written.filter(({ number }) => this.#states.modeOf(number) !== 'new'));
    this.#progress.enter('finishing');
    await this.#finishFolders();
    await syncTarget(this.#pool, this.#plan, this.#folders, this.#pauses);
    this.#throwDamage();
    return { ...counts, filesToWrite: written.length + links, bytesToWrite, bytesFetched: this.#bytesFetched };
  }

  /** Looks at what stands in the target and what an earlier attempt left. Files of which a blob is in no index are lost. */
  async #findWork({ standing }: OverwriteDecision, { resumable }: Leftovers): Promise<FileWork> {
    const candidates: PlannedFile[] = [];
    for (const file of this.#plan.files) {
      if (this.#pauses.isDue) await this.#pauses.pauseIfDue();
      const missing = file.content.find((blob) => this.#index.packAt(blob) === -1);
      if (missing !== undefined) {
        const { id } = this.#index.blobAt(missing);
        this.#damaged.set(file, new PlatformError('BLOB_MISSING', `its data blob ${id} is in no index`));
      } else if (standing.has(file) || resumable.has(file)) {
        candidates.push(file);
      }
    }
    let surveys: ReadonlyMap<number, Survey> = new Map<number, Survey>();
    if (candidates.length > 0) {
      this.#progress.expect(
        candidates.reduce((sum, { size }) => sum + size, 0),
        candidates.length,
      );
      this.#progress.enter('reading', true);
      const { inPlace = false, dryRun = false } = this.#options;
      const { shared: states } = this.#states;
      const request = { states, standing, resumable, inPlace, collect: !dryRun };
      surveys = await surveyFiles(this.#pool, this.#index, candidates, request, this.#pauses);
    }
    const wanted: WantedFile[] = [];
    const unchanged: PlannedFile[] = [];
    let bytes = 0;
    for (const file of this.#plan.files) {
      if (this.#pauses.isDue) await this.#pauses.pauseIfDue();
      if (this.#damaged.has(file)) continue;
      const survey = surveys.get(file.number);
      if (survey === undefined) {
        wanted.push({ file, positions: null });
        bytes += file.size;
      } else if (survey.same) {
        unchanged.push(file);
      } else {
        wanted.push({ file, positions: survey.wrong });
        for (const at of survey.wrong) bytes += plainLengthAt(this.#index, file.content[at] ?? raise(file)) ?? 0;
      }
    }
    return { wanted, unchanged, bytes };
  }

  #schedule({ wanted }: FileWork): PackSchedule {
    const schedule = new PackSchedule(this.#index);
    for (const { file, positions } of wanted) schedule.add(file, positions);
    return schedule;
  }

  async #writeFiles(work: FileWork): Promise<void> {
    const complete: PlannedFile[] = [];
    for (const { file, positions } of work.wanted) {
      const { length } = positions ?? file.content;
      this.#states.expect(file.number, length);
      if (length === 0) complete.push(file);
    }
    const { shared: states } = this.#states;
    const schedule = this.#schedule(work);
    const jobs: PackJob[] = schedule.jobs();
    const running: Promise<void>[] = [];
    const take = (response: RestoreResponse) => {
      this.#bytesFetched += response.fetched;
      this.#noteAll(response);
      for (const { file, reason } of response.differing) {
        const planned = this.#filesByNumber[file];
        if (planned !== undefined) this.#differing.set(planned, reason);
      }
      if (response.damaged.length === 0) return;
      const next = schedule.afterDamage(response.damaged.map(({ id }) => id));
      jobs.push(...next.jobs);
      for (const [id, lostFiles] of next.lost) {
        const reason = response.damaged.find((blob) => blob.id === id)?.reason ?? 'it is damaged';
        for (const { number } of lostFiles) {
          const file = this.#filesByNumber[number];
          if (file === undefined) continue;
          this.#damaged.set(file, new PlatformError('BLOB_DAMAGED', `its data blob ${id} is unusable: ${reason}`));
        }
      }
    };
    const start = async (prepare: () => { request: RestoreRequest; transferred?: readonly ArrayBuffer[] }) => {
      await this.#pauses.pauseIfDue();
      await this.#pool.capacity();
      const { request, transferred } = prepare();
      const ended = this.#pool.run(request, transferred).then(take);
      ended.catch(() => undefined);
      running.push(ended);
    };
    for (let at = 0; at < complete.length; at += filesPerRequest) {
      const files = complete.slice(at, at + filesPerRequest).map(({ content: _content, ...file }) => file);
      await start(() => ({ request: { kind: 'finish', states, files } }));
    }
    // A damaged copy puts further jobs at the end of the list, for the other copies of its blobs.
    while (jobs.length > 0) {
      for (const job of jobs.splice(0)) {
        await start(() => {
          const blobs = encodeWantedBlobs(job.blobs());
          return { request: { kind: 'pack', states, pack: job.pack, blobs }, transferred: [blobs] };
        });
      }
      await Promise.all(running.splice(0));
    }
    await Promise.all(running);
  }

  /** Compares files that held something before; all others were compared while they were written. Throws VERIFY_MISMATCH. */
  async #verify(files: readonly PlannedFile[]): Promise<void> {
    if (files.length > 0) {
      this.#progress.expect(
        files.reduce((sum, { size }) => sum + size, 0),
        files.length,
      );
      this.#progress.enter('verifying', true);
      const compared = await compareFiles(this.#pool, this.#index, files, this.#pauses);
      for (const { file, reason } of compared) this.#differing.set(file, reason);
    }
    const [first] = this.#differing;
    if (first === undefined) return;
    const [file, reason] = first;
    throw new PlatformError(
      'VERIFY_MISMATCH',
      `${this.#differing.size} restored files differ from the point; the first is ${placeName(file)}: ${reason}`,
    );
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
      const planned = this.#filesByNumber[file];
      if (planned !== undefined) this.#note(planned, [fault]);
    }
  }

  #note({ folder, name }: PlannedPlace, faults: readonly MetadataFault[]): void {
    for (const { code, message } of faults) this.#skipped.add(joinRelative(folder, name), code, message);
  }

  #throwDamage(): void {
    const [first] = this.#damaged.values();
    if (first === undefined) return;
    const named = [...this.#damaged]
      .slice(0, filesNamed)
      .map(([file, error]) => `${placeName(file)}: ${error.message}`);
    const rest = this.#damaged.size > filesNamed ? `; and ${this.#damaged.size - filesNamed} more` : '';
    const others = this.#options.dryRun === true ? 'all others can be' : 'all others are';
    throw new PlatformError(
      first.code,
      `${this.#damaged.size} of ${this.#plan.files.length} files could not be restored, ${others}: ${named.join('; ')}${rest}`,
    );
  }
}

/** Half-written files are kept when the repository could not be reached: the next attempt goes on with them. */
function isWorthResuming(error: unknown): boolean {
  return error instanceof PlatformError && error.kind === 'unavailable';
}

function raise({ name }: PlannedFile): never {
  throw new PlatformError('INTERNAL', `a survey of ${displayPath(name)} names a blob that it does not hold`);
}

function placeName({ folder, name }: PlannedPlace): string {
  return displayPath(joinRelative(folder, name));
}
