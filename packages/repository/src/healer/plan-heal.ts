import { snapshotId, type SnapshotId } from '@enterprise-backup/contracts/ids';
import { readPacks } from '../checker/read-packs.ts';
import { originOf } from '../copier/find-copy.ts';
import { sameKey } from '../crypto/sealing.ts';
import type { PackContents, PackId } from '../format/blob.ts';
import type { SnapshotEntry } from '../format/snapshot.ts';
import { BlobIndex } from '../index/blob-index.ts';
import { listIndexedPacks, surveyIndex, type IndexSurvey } from '../index/index-survey.ts';
import { inParallel } from '../in-parallel.ts';
import { withLock } from '../locks.ts';
import { readPackHeader } from '../pack/read-pack-header.ts';
import { Pauses } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import { readSnapshots } from '../readable-snapshots.ts';
import { findDamagedPacks } from '../repairer/find-damaged-packs.ts';
import { findTouched } from '../repairer/find-touched.ts';
import { Salvage, type BlobName, type SalvageGround } from '../repairer/salvage.ts';
import type { Repository } from '../repository.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import { findDamagedFiles } from './find-damaged-files.ts';
import type { HealedFile, HealPlan } from './heal-plan.ts';
import { FallbackTrees, NeededBlobs } from './needed-blobs.ts';
import { readWholeFile } from './whole-file.ts';

/** Headers that are fetched at the same time. */
const requestsAtOnce = 8;

export interface HealOptions {
  /** Reads every pack to find damage; otherwise by size and by the trees. */
  readonly readData?: boolean;
  /** Whether snapshots that only the copy has are put back too. Some of them may have been forgotten on purpose. */
  readonly missingSnapshots?: boolean;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Tells whether a copy holds the same files under the same key. */
export function isReplica(repository: Repository, copy: Repository): boolean {
  return copy.id === repository.id && sameKey(copy.key, repository.key);
}

/**
 * Plans to mend a repository from a second copy: a replica, which has the same files, or a repository with another key that
 * points were copied to, which has the same blobs. Everything that is damaged, and every pack and blob that a snapshot needs
 * and that is gone, is looked for in the copy. Key files and snapshots that are gone are not: they may have been removed on
 * purpose. The copy is only read, and not locked. Changes nothing.
 *
 * Whether a pack of the copy is whole shows when it is fetched; here its size counts. Throws REPOSITORY_LOCKED, CANCELLED or
 * a STORAGE_ error.
 */
export async function planHeal(repository: Repository, copy: Repository, options: HealOptions = {}): Promise<HealPlan> {
  return withLock(repository, 'shared', options.signal, (signal) =>
    new HealPlanner(repository, copy, options, signal).run(),
  );
}

class HealPlanner {
  readonly #repository: Repository;
  readonly #copy: Repository;
  readonly #options: HealOptions;
  readonly #signal: AbortSignal;
  readonly #progress: ProgressReporter;
  readonly #pauses: Pauses;
  readonly #replica: boolean;
  readonly #files: HealedFile[] = [];
  readonly #dropped: HealedFile[] = [];
  readonly #lostFiles: HealedFile[] = [];
  readonly #made: HealPlan['snapshots_made'] = [];
  /** Packs that are put back. */
  readonly #putBack = new Set<PackId>();

  constructor(repository: Repository, copy: Repository, options: HealOptions, signal: AbortSignal) {
    this.#repository = repository;
    this.#copy = copy;
    this.#options = options;
    this.#signal = signal;
    this.#progress = new ProgressReporter(repository.clock, options.onProgress);
    this.#pauses = new Pauses(signal);
    this.#replica = isReplica(repository, copy);
  }

  async run(): Promise<HealPlan> {
    this.#progress.enter('opening');
    const copyEntries = (await readSnapshots(this.#copy, this.#signal)).entries;
    const copyIndex = BlobIndex.create();
    const copySurvey = await surveyIndex(this.#copy, copyIndex.addPack.bind(copyIndex));
    const { entries } = await readSnapshots(this.#repository, this.#signal);
    await this.#planFiles(entries, copyEntries);
    const index = BlobIndex.create();
    const marked = BlobIndex.create();
    const survey = await surveyIndex(this.#repository, index.addPack.bind(index), marked.addPack.bind(marked));
    this.#progress.enter('planning');
    const damaged = await findDamagedPacks(this.#repository, survey, index, entries, {
      readData: this.#options.readData ?? false,
      signal: this.#signal,
      pauses: this.#pauses,
      progress: this.#progress,
    });
    if (this.#options.readData === true) await this.#readUnlisted(survey, damaged);
    if (this.#replica) this.#planPacks(damaged, copySurvey);
    const replaced = new Map([...damaged].filter(([id]) => !this.#putBack.has(id)));
    const whole = await this.#wholeBlobs(survey, replaced, { survey, index, marked, damaged: replaced });

    const trees = new FallbackTrees(
      new TreeReader(this.#repository, whole),
      new FallbackTrees(new TreeReader(this.#repository, index), new TreeReader(this.#copy, copyIndex)),
    );
    const lost: BlobName[] = [];
    let fetched = 0;
    const needed = new NeededBlobs(trees, whole, this.#pauses, (blob) => {
      const places = copyIndex.findAll(blob.type, blob.id);
      const place = places.find(({ pack }) => copySurvey.stored.get(pack) === copySurvey.listed.get(pack)?.size);
      if (place === undefined) lost.push(blob);
      else if (this.#replica) this.#planPack(place.pack, `snapshots need what the pack ${place.pack} alone holds`);
      else fetched += 1;
      return Promise.resolve();
    });
    const healed = [...entries, ...this.#entriesOf(copyEntries)];
    for (const { snapshot } of healed) await needed.visit(snapshot.tree);
    const touched = await findTouched(trees, index, healed, lost, this.#pauses);
    this.#progress.enter('done');
    return {
      kind: 'heal',
      repository_id: this.#repository.id,
      planned_at: this.#repository.clock.now().toISOString(),
      copy: this.#copy.storage.location,
      replica: this.#replica,
      files: this.#files,
      index_dropped: this.#dropped,
      packs: [...replaced].map(([id, reason]) => ({ id, reason })),
      blobs_fetched: fetched,
      snapshots_made: this.#made,
      lost: { files: this.#lostFiles, blobs: lost, touched },
    };
  }

  /** Plans for everything but packs. */
  async #planFiles(entries: readonly SnapshotEntry[], copyEntries: readonly SnapshotEntry[]): Promise<void> {
    for (const file of await findDamagedFiles(this.#repository, this.#copy, this.#signal)) {
      const inCopy = this.#replica && typeof (await readWholeFile(this.#copy, file)) !== 'string';
      if (inCopy) this.#files.push(file);
      else if (file.type === 'index') this.#dropped.push(file);
      else if (file.type !== 'snapshots' || !this.#planMade(snapshotId.parse(file.name), copyEntries)) {
        this.#lostFiles.push(file);
      }
    }
    if (this.#options.missingSnapshots !== true) return;
    const names = new Set(await this.#repository.listNames('snapshots'));
    const origins = new Set<string>([...names, ...entries.map(originOf)]);
    for (const entry of copyEntries) {
      if (this.#replica) {
        const reason = `snapshots/${entry.id} is missing`;
        if (!names.has(entry.id)) this.#files.push({ type: 'snapshots', name: entry.id, reason });
      } else if (!origins.has(entry.id) && !origins.has(originOf(entry))) {
        this.#made.push({ copy_id: entry.id, original: snapshotId.parse(originOf(entry)), damaged: null });
      }
    }
  }

  /** Plans to make a damaged snapshot anew from its copy. Returns false when there is none. */
  #planMade(damaged: SnapshotId, copyEntries: readonly SnapshotEntry[]): boolean {
    const entry = copyEntries.find((candidate) => originOf(candidate) === damaged);
    if (entry === undefined) return false;
    this.#made.push({ copy_id: entry.id, original: damaged, damaged });
    return true;
  }

  #planPacks(damaged: ReadonlyMap<PackId, string>, { listed, stored }: IndexSurvey): void {
    for (const [id, reason] of damaged) {
      const size = stored.get(id);
      const isWhole = size !== undefined && size === (listed.get(id)?.size ?? size);
      if (isWhole) this.#planPack(id, reason);
    }
  }

  #planPack(id: PackId, reason: string): void {
    if (this.#putBack.has(id)) return;
    this.#putBack.add(id);
    this.#files.push({ type: 'data', name: id, reason });
  }

  /** Reads packs that no index lists, since they will be listed as their headers say. */
  async #readUnlisted(survey: IndexSurvey, damaged: Map<PackId, string>): Promise<void> {
    await readPacks(this.#repository, this.#unlisted(survey), this.#signal, ({ id }, { faults, blobs }) => {
      const [fault] = [...faults, ...blobs.map(({ reason }) => reason)];
      if (fault !== undefined) damaged.set(id, `the pack ${id} is damaged: ${fault}`);
    });
  }

  /** Packs that no index lists and nothing marks for deletion, by their headers. */
  async *#unlisted({ listed, marked, stored }: IndexSurvey): AsyncGenerator<PackContents> {
    const { storage, key } = this.#repository;
    const unlisted = [...stored].filter(([id]) => !listed.has(id) && !marked.has(id));
    const headers = inParallel(unlisted, requestsAtOnce, async ([id, size]) => ({
      id,
      blobs: await readPackHeader(storage, key, id, size),
    }));
    for await (const { id, blobs } of headers) if (typeof blobs !== 'string') yield { id, blobs };
  }

  /** What will be whole without the copy's blobs: packs that are not damaged, those that are put back, and what is salvaged. */
  async #wholeBlobs(
    survey: IndexSurvey,
    replaced: ReadonlyMap<PackId, string>,
    ground: SalvageGround,
  ): Promise<BlobIndex> {
    const whole = BlobIndex.create();
    const isKept = (id: PackId) => !replaced.has(id);
    for await (const pack of listIndexedPacks(this.#repository, survey.files, isKept)) whole.addPack(pack);
    for await (const pack of this.#unlisted(survey)) if (isKept(pack.id)) whole.addPack(pack);
    const sink = ({ type, id }: BlobName): Promise<void> => {
      whole.claim(type, Buffer.from(id, 'hex'));
      return Promise.resolve();
    };
    await new Salvage(this.#repository, ground, sink, this.#signal).run();
    return whole;
  }

  /** Snapshots of the copy that the repository is to have. */
  #entriesOf(copyEntries: readonly SnapshotEntry[]): SnapshotEntry[] {
    const wanted = new Set<string>([
      ...this.#files.filter(({ type }) => type === 'snapshots').map(({ name }) => name),
      ...this.#made.map((made) => made.copy_id),
    ]);
    return copyEntries.filter(({ id }) => wanted.has(id));
  }
}
