import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { blobKey } from '../checker/impact.ts';
import { BlobTransfer } from '../copier/blob-transfer.ts';
import type { PackId } from '../format/blob.ts';
import type { SnapshotEntry } from '../format/snapshot.ts';
import { BlobIndex } from '../index/blob-index.ts';
import { listIndexedPacks, surveyIndex } from '../index/index-survey.ts';
import { inParallel } from '../in-parallel.ts';
import { withLock } from '../locks.ts';
import { BlobSaver } from '../pack/blob-saver.ts';
import { Pauses, throwIfAborted } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import { readSnapshots } from '../readable-snapshots.ts';
import { findIndexFaults, repairIndex } from '../repairer/repair-index.ts';
import { readWholeIndex, removeDamagedPacks } from '../repairer/repair-packs.ts';
import { assertPlanned, assertPlanOf } from '../repairer/repair-plan.ts';
import { Salvage, type SalvagedPack } from '../repairer/salvage.ts';
import type { Repository } from '../repository.ts';
import { loadSnapshot, saveSnapshot } from '../snapshots.ts';
import { removeUnlessLocked } from '../storage/remove-unless-locked.ts';
import { describeFile } from '../storage/storage.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import type { HealedFile, HealPlan } from './heal-plan.ts';
import { FallbackTrees, NeededBlobs } from './needed-blobs.ts';
import { isReplica } from './plan-heal.ts';
import { readWholeFile } from './whole-file.ts';

/** Files that are put back at the same time: each is in memory as a whole. */
const filesAtOnce = 4;

export interface ApplyHealOptions {
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an applied plan did. Sizes in bytes. */
export interface HealResult {
  /** Files as they are named in the repository: `config`, `data/12ab…`. */
  readonly files_put_back: readonly string[];
  /** Files of the plan that the copy does not have whole after all. */
  readonly files_not_whole: readonly string[];
  readonly packs_listed: number;
  readonly packs_removed: readonly PackId[];
  /** Files that the storage protects for now: apply a new plan when that ends. */
  readonly put_off: readonly string[];
  readonly blobs_salvaged: number;
  readonly blobs_fetched: number;
  readonly blobs_lost: number;
  readonly snapshots_made: readonly { readonly original: SnapshotId; readonly to: SnapshotId }[];
}

/**
 * Mends a repository from a second copy as a plan says. Every file that is fetched is compared with its name and opened
 * before it is put back, and read again afterwards; every blob is compared with its id.
 *
 * Order of writes: config and keys, without which nothing can be opened; packs; index files, first those that are put back,
 * then one for packs that no index lists; new packs with blobs from damaged ones and from the copy, and their index; the
 * index without damaged packs, and these are removed; snapshots last, which need all that. A crash leaves a repository in
 * which less is damaged than before, and applying the plan again goes on.
 *
 * Throws PLAN_STALE when something would be lost that the plan does not name (damage may have come, or the copy may be
 * damaged too: plan again and read all data), REQUEST_INVALID for a plan of another repository or copy, FILE_DAMAGED when
 * what was put back is not what was sent, REPOSITORY_LOCKED, CANCELLED or a STORAGE_ error.
 */
export async function applyHeal(
  repository: Repository,
  copy: Repository,
  plan: HealPlan,
  options: ApplyHealOptions = {},
): Promise<HealResult> {
  assertPlanOf(repository, plan);
  if (plan.replica !== isReplica(repository, copy)) {
    throw new PlatformError('REQUEST_INVALID', `the plan was made for the copy ${plan.copy}`);
  }
  return withLock(repository, 'exclusive', options.signal, (signal) =>
    new Heal(repository, copy, plan, options, signal).run(),
  );
}

class Heal {
  readonly #repository: Repository;
  readonly #copy: Repository;
  readonly #plan: HealPlan;
  readonly #signal: AbortSignal;
  readonly #progress: ProgressReporter;
  readonly #pauses: Pauses;
  readonly #putBack: string[] = [];
  readonly #notWhole: string[] = [];
  readonly #putOff: string[] = [];

  constructor(
    repository: Repository,
    copy: Repository,
    plan: HealPlan,
    options: ApplyHealOptions,
    signal: AbortSignal,
  ) {
    this.#repository = repository;
    this.#copy = copy;
    this.#plan = plan;
    this.#signal = signal;
    this.#progress = new ProgressReporter(repository.clock, options.onProgress);
    this.#pauses = new Pauses(signal);
  }

  async run(): Promise<HealResult> {
    this.#progress.enter('writing');
    for (const type of ['config', 'keys', 'data', 'index'] as const) await this.#putBackAll(type);
    const listed = await this.#repairIndex();
    const salvaged = await this.#salvage();
    const copyEntries = (await readSnapshots(this.#copy, this.#signal)).entries;
    const { fetched, lost } = await this.#fetchBlobs(salvaged, copyEntries);
    assertPlanned(
      'the lost blob',
      lost,
      this.#plan.lost.blobs.map(({ type, id }) => blobKey(type, id)),
    );
    this.#progress.enter('finishing');
    const removed = await this.#removePacks(salvaged);
    await this.#putBackAll('snapshots');
    const made = await this.#makeSnapshots(copyEntries);
    this.#progress.enter('done');
    return {
      files_put_back: this.#putBack,
      files_not_whole: this.#notWhole,
      packs_listed: listed,
      packs_removed: removed,
      put_off: this.#putOff,
      blobs_salvaged: salvaged.reduce((sum, pack) => sum + pack.salvaged, 0),
      blobs_fetched: fetched,
      blobs_lost: new Set(lost).size,
      snapshots_made: made,
    };
  }

  async #putBackAll(type: HealedFile['type']): Promise<void> {
    const files = this.#plan.files.filter((file) => file.type === type);
    for await (const { file, outcome } of inParallel(files, filesAtOnce, async (one) => ({
      file: one,
      outcome: await this.#putBackOne(one),
    }))) {
      if (outcome === 'put back') this.#putBack.push(describeFile(file.type, file.name));
      if (outcome === 'not whole') this.#notWhole.push(describeFile(file.type, file.name));
    }
  }

  async #putBackOne(file: HealedFile): Promise<'put back' | 'not whole' | 'whole already'> {
    throwIfAborted(this.#signal);
    if (typeof (await readWholeFile(this.#repository, file)) !== 'string') return 'whole already';
    const data = await readWholeFile(this.#copy, file);
    if (typeof data === 'string') return 'not whole';
    await this.#repository.storage.put(file.type, file.name, data);
    const written = await readWholeFile(this.#repository, file);
    if (typeof written === 'string') {
      const sentence = `${describeFile(file.type, file.name)} was put back and ${written}`;
      throw new PlatformError('FILE_DAMAGED', sentence);
    }
    this.#progress.add(data.byteLength, 1);
    return 'put back';
  }

  /** Lists packs that no index lists, and drops index files that cannot be read. Packs that are gone are not dropped here. */
  async #repairIndex(): Promise<number> {
    const survey = await surveyIndex(this.#repository, () => undefined);
    assertPlanned(
      'the unreadable index file',
      survey.unreadable.map(({ name }) => name),
      this.#plan.index_dropped.map(({ name }) => name),
    );
    const { toRead } = findIndexFaults(survey, false);
    const faults = { missing: new Set<PackId>(), toRead };
    if (toRead.size === 0 && survey.unreadable.length === 0) return 0;
    const { listed, change } = await repairIndex(this.#repository, survey, faults, this.#signal);
    this.#putOff.push(...change.putOff.map((name) => describeFile('index', name)));
    return listed;
  }

  /** Stores anew what is whole in damaged packs. */
  async #salvage(): Promise<readonly SalvagedPack[]> {
    const { survey, index, marked } = await readWholeIndex(this.#repository);
    const isKnown = ({ id }: { readonly id: PackId }) => survey.listed.has(id) || survey.stored.has(id);
    const damaged = new Map(this.#plan.packs.filter(isKnown).map(({ id, reason }) => [id, reason]));
    const saver = new BlobSaver(this.#repository);
    const ground = { survey, index, marked, damaged };
    const { packs } = await new Salvage(
      this.#repository,
      ground,
      ({ type, id }, plaintext) => saver.save(type, id, plaintext),
      this.#signal,
    ).run();
    await saver.flush();
    return packs;
  }

  /** Fetches what snapshots need and no whole pack lists. Returns how many blobs, and those that the copy has not. */
  async #fetchBlobs(
    salvaged: readonly SalvagedPack[],
    copyEntries: readonly SnapshotEntry[],
  ): Promise<{ readonly fetched: number; readonly lost: readonly string[] }> {
    const { survey, index } = await readWholeIndex(this.#repository);
    const { files, listed, stored } = survey;
    const gone = new Set(salvaged.map(({ id }) => id));
    const isWhole = (id: PackId) => !gone.has(id) && stored.get(id) === listed.get(id)?.size;
    const whole = BlobIndex.create();
    for await (const pack of listIndexedPacks(this.#repository, files, isWhole)) whole.addPack(pack);
    const copyIndex = BlobIndex.create();
    await surveyIndex(this.#copy, copyIndex.addPack.bind(copyIndex));
    const trees = new FallbackTrees(new TreeReader(this.#repository, index), new TreeReader(this.#copy, copyIndex));

    const lost: string[] = [];
    let transfer: BlobTransfer | null = null;
    try {
      const needed = new NeededBlobs(trees, whole, this.#pauses, async ({ type, id }) => {
        transfer ??= this.#openTransfer(copyIndex);
        if (!(await transfer.want(type, id))) lost.push(blobKey(type, id));
      });
      const { entries } = await readSnapshots(this.#repository, this.#signal);
      for (const { snapshot } of [...entries, ...this.#planned(copyEntries)]) await needed.visit(snapshot.tree);
      const used = transfer as BlobTransfer | null;
      await used?.flush();
      return { fetched: used?.blobs ?? 0, lost: [...lost, ...(used?.failed.keys() ?? [])] };
    } finally {
      await (transfer as BlobTransfer | null)?.terminate();
    }
  }

  #openTransfer(copyIndex: BlobIndex): BlobTransfer {
    return new BlobTransfer({
      source: this.#copy,
      sourceIndex: copyIndex,
      target: this.#repository,
      readBack: true,
      onFetched: (bytes) => {
        this.#progress.add(bytes, 0);
      },
    });
  }

  async #removePacks(salvaged: readonly SalvagedPack[]): Promise<readonly PackId[]> {
    if (salvaged.length === 0) return [];
    const { survey } = await readWholeIndex(this.#repository);
    const { removed, putOff } = await removeDamagedPacks(this.#repository, survey, salvaged, this.#signal);
    this.#putOff.push(...putOff);
    return removed;
  }

  /** Snapshots of the copy that the plan brings into the repository. */
  #planned(copyEntries: readonly SnapshotEntry[]): SnapshotEntry[] {
    const names = new Set<string>([
      ...this.#plan.files.filter(({ type }) => type === 'snapshots').map(({ name }) => name),
      ...this.#plan.snapshots_made.map((made) => made.copy_id),
    ]);
    return copyEntries.filter(({ id }) => names.has(id));
  }

  /** A snapshot made anew stands before the damaged one goes. One that an interrupted heal has made is taken for what it is. */
  async #makeSnapshots(copyEntries: readonly SnapshotEntry[]): Promise<HealResult['snapshots_made']> {
    const made: { original: SnapshotId; to: SnapshotId }[] = [];
    const { entries } = await readSnapshots(this.#repository, this.#signal);
    for (const { copy_id: copyId, original, damaged } of this.#plan.snapshots_made) {
      throwIfAborted(this.#signal);
      const source = copyEntries.find(({ id }) => id === copyId);
      if (source === undefined) throw new PlatformError('PLAN_STALE', `the copy has no snapshot ${copyId} any more`);
      const { tree } = source.snapshot;
      const known = entries.find(({ snapshot }) => snapshot.original === original && snapshot.tree === tree);
      const to =
        known?.id ?? (await saveSnapshot(this.#repository, { ...source.snapshot, parent: undefined, original }));
      await loadSnapshot(this.#repository, to);
      made.push({ original, to });
      if (damaged === null) continue;
      const isGone = await removeUnlessLocked(this.#repository.storage, 'snapshots', damaged);
      if (!isGone) this.#putOff.push(describeFile('snapshots', damaged));
    }
    return made;
  }
}
