import { createHash } from 'node:crypto';
import { PlatformError, toPlatformError } from '@enterprise-backup/contracts/errors';
import { parseKeyFile } from '../crypto/key-file.ts';
import type { PackContents, PackId } from '../format/blob.ts';
import { BlobIndex } from '../index/blob-index.ts';
import { listIndexedPacks, surveyIndex, type IndexSurvey } from '../index/index-survey.ts';
import { withLock } from '../locks.ts';
import { Pauses } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import { readSnapshots } from '../readable-snapshots.ts';
import { describeBlob } from '../open-blob.ts';
import type { Repository } from '../repository.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import type { PackFaults } from './check-pack.ts';
import { TreeChecker } from './check-trees.ts';
import { choosePacks } from './choose-packs.ts';
import type { Finding } from './finding.ts';
import { Findings } from './findings.ts';
import { ImpactFinder } from './impact.ts';
import { readPacks } from './read-packs.ts';
import type { ReadSelection } from './read-selection.ts';
import { VerifiedPacks } from './verified-packs.ts';

export type { Finding, FindingCode } from './finding.ts';
export { parseReadSelection, type ReadSelection } from './read-selection.ts';

/** How thorough a check is. */
export interface CheckOptions {
  /** Which packs are read, every byte of them; true for all. Otherwise packs are only looked at by name and size. */
  readonly readData?: boolean | ReadSelection;
  /** File outside of the repository that remembers which pack was read when, so that a later check goes on from there. */
  readonly stateFile?: string | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a check looked at and found. */
export interface CheckOutcome {
  readonly findings: readonly Finding[];
  /** Findings beyond the first thousand of a code. */
  readonly findings_omitted: number;
  readonly packs: number;
  /** Packs that prune has taken out of the index and deletes after its grace; restic calls them unreferenced. */
  readonly packs_marked: number;
  /** Bytes of these. */
  readonly bytes_marked: number;
  readonly blobs: number;
  readonly snapshots: number;
  readonly packs_read: number;
  readonly bytes_read: number;
  /** Bytes of all packs. */
  readonly bytes_stored: number;
  /** What the state file knows now; null without one. */
  readonly verified: VerifiedShare | null;
}

/** How much of a repository was read and found whole, by this check and earlier ones. */
export interface VerifiedShare {
  /** Bytes of the packs that were read, within the period when the check has one. */
  readonly bytes: number;
  /** Bytes of all packs that the index lists and that are there. */
  readonly bytes_total: number;
  /** When the pack was read whose last reading is the longest ago, RFC 3339; null while one was never read. */
  readonly oldest: string | null;
}

/**
 * Checks a repository: keys, index files, packs, snapshots, and everything that snapshots reach; with `readData` also
 * each byte of the chosen packs. It finds what restic's check finds, and sizes, uncompressed lengths and names beyond
 * that, and says which snapshots and files it touches. Never throws for damage: that is a finding. Throws
 * REPOSITORY_LOCKED, CANCELLED, STATE_FILE_INVALID, FILE_UNREADABLE, FILE_NOT_WRITABLE or a STORAGE_ error.
 */
export async function check(repository: Repository, options: CheckOptions = {}): Promise<CheckOutcome> {
  const { readData = false, stateFile } = options;
  const selection: ReadSelection | null = readData === true ? { kind: 'all' } : readData === false ? null : readData;
  if (selection?.kind === 'period' && stateFile === undefined) {
    throw new PlatformError('REQUEST_INVALID', 'to read everything within a period takes a state file');
  }
  const verified = stateFile === undefined ? null : await VerifiedPacks.open(stateFile, repository.id);
  return withLock(repository, 'shared', options.signal, (signal) =>
    new Check(repository, options, selection, verified, signal).run(),
  );
}

class Check {
  readonly #repository: Repository;
  readonly #selection: ReadSelection | null;
  readonly #verified: VerifiedPacks | null;
  readonly #signal: AbortSignal;
  readonly #progress: ProgressReporter;
  readonly #pauses: Pauses;
  readonly #findings = new Findings();
  readonly #index = BlobIndex.create();
  #packsRead = 0;
  #bytesRead = 0;

  constructor(
    repository: Repository,
    options: CheckOptions,
    selection: ReadSelection | null,
    verified: VerifiedPacks | null,
    signal: AbortSignal,
  ) {
    this.#repository = repository;
    this.#selection = selection;
    this.#verified = verified;
    this.#signal = signal;
    this.#progress = new ProgressReporter(repository.clock, options.onProgress);
    this.#pauses = new Pauses(signal);
  }

  async run(): Promise<CheckOutcome> {
    const startedAt = this.#repository.clock.now();
    this.#progress.enter('opening');
    await this.#checkKeys();
    // Snapshots are listed before the index is read: what a backup adds meanwhile is then in the index.
    const { entries: snapshots, unreadable } = await readSnapshots(this.#repository, this.#signal);
    for (const { id, reason } of unreadable) this.#findings.add('SNAPSHOT_DAMAGED', 'error', reason, { points: [id] });
    const marked = BlobIndex.create();
    const survey = await surveyIndex(
      this.#repository,
      this.#index.addPack.bind(this.#index),
      marked.addPack.bind(marked),
    );
    this.#progress.enter('planning');
    await this.#checkPacks(survey);
    const trees = new TreeReader(this.#repository, this.#index);
    const checker = new TreeChecker(trees, this.#index, marked, this.#findings, this.#pauses);
    const checkTrees = async () => {
      for (const { snapshot } of snapshots) await checker.check(snapshot.tree);
    };
    if (this.#selection === null) await checkTrees();
    else await this.#readData(survey, this.#selection, startedAt, checkTrees);

    const query = this.#findings.query();
    if (query !== null) {
      const impact = new ImpactFinder(trees, this.#index, query, this.#pauses);
      for (const entry of snapshots) await impact.add(entry);
    }
    this.#progress.enter('done');
    return {
      findings: this.#findings.list(),
      findings_omitted: this.#findings.omitted,
      packs: survey.listed.size,
      ...countMarked(survey),
      blobs: this.#index.size,
      snapshots: snapshots.length,
      packs_read: this.#packsRead,
      bytes_read: this.#bytesRead,
      bytes_stored: [...survey.stored.values()].reduce((sum, size) => sum + size, 0),
      verified: this.#verifiedShare(survey, startedAt),
    };
  }

  async #checkKeys(): Promise<void> {
    for (const name of await this.#repository.listNames('keys')) {
      const data = await this.#repository.storage.get('keys', name);
      if (parseKeyFile(data.toString('utf8')) === null) {
        const message = `the key file ${name} cannot be read; another key opened the repository`;
        this.#findings.add('KEY_DAMAGED', 'error', message);
      } else if (createHash('sha256').update(data).digest('hex') !== name) {
        this.#findings.add('KEY_DAMAGED', 'error', `the key file ${name} does not hold what its name says`);
      }
    }
  }

  /** Compares packs in the storage with the index, by name and size. */
  async #checkPacks({ files, unreadable, listed, marked, stored }: IndexSurvey): Promise<void> {
    for (const { reason } of unreadable) this.#findings.add('INDEX_DAMAGED', 'error', reason, { unlisted: true });
    for (const id of stored.keys()) {
      if (listed.has(id) || marked.has(id)) continue;
      const message = `no index lists the pack ${id}, as an interrupted or running backup leaves it: prune removes it`;
      this.#findings.add('PACK_NOT_INDEXED', 'harmless', message);
    }
    const isWhole = (id: PackId) => stored.get(id) === listed.get(id)?.size;
    const wrong = (id: PackId) => !isWhole(id);
    if ([...listed.keys()].some(wrong)) {
      for await (const pack of listIndexedPacks(this.#repository, files, wrong)) {
        this.#reportPack(pack, stored.get(pack.id) ?? null, listed.get(pack.id)?.size ?? 0, isWhole);
      }
    }
    for (const [id, { mixed, listings, disputed }] of listed) {
      if (disputed) {
        this.#findings.add('INDEX_DISAGREES', 'error', `two index files list different blobs for the pack ${id}`);
      } else if (listings > 1) {
        this.#findings.add('PACK_INDEXED_TWICE', 'harmless', `the pack ${id} is listed by several index files`);
      }
      if (!mixed) continue;
      this.#findings.add('PACK_MIXED', 'harmless', `the pack ${id} holds data and trees, as old versions wrote it`);
    }
  }

  #reportPack(pack: PackContents, size: number | null, expected: number, isWhole: (id: PackId) => boolean): void {
    const hasOtherCopy = ({ type, id }: PackContents['blobs'][number]) =>
      this.#index.findAll(type, id).some((copy) => copy.pack !== pack.id && isWhole(copy.pack));
    const about = { blobs: pack.blobs.filter((blob) => !hasOtherCopy(blob)) };
    if (size === null) {
      this.#findings.add('PACK_MISSING', 'error', `the pack ${pack.id} is missing`, about);
    } else {
      const message = `the pack ${pack.id} has ${size} bytes, expected are ${expected}`;
      this.#findings.add('PACK_SIZE_WRONG', 'error', message, about);
    }
  }

  /** Reads packs in threads, and has the trees checked here meanwhile. Findings about packs come after those about trees. */
  async #readData(
    { files, listed, stored }: IndexSurvey,
    selection: ReadSelection,
    startedAt: Date,
    checkTrees: () => Promise<void>,
  ): Promise<void> {
    const sizes = new Map([...stored].filter(([id]) => listed.has(id)));
    await this.#verified?.begin(sizes.keys(), startedAt);
    const chosen = choosePacks(sizes, selection, this.#verified, startedAt);
    const bytes = [...chosen].reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
    this.#progress.expect(bytes, chosen.size);
    this.#progress.enter('verifying', true);
    const packs = listIndexedPacks(this.#repository, files, (id) => chosen.has(id));
    const faulty: { readonly id: PackId; readonly faults: PackFaults }[] = [];
    const readAll = readPacks(this.#repository, packs, this.#signal, async ({ id }, faults) => {
      const size = sizes.get(id) ?? 0;
      this.#packsRead += 1;
      this.#bytesRead += size;
      this.#progress.add(size, 1);
      if (isFaultless(faults)) await this.#verified?.note(id, this.#repository.clock.now());
      else faulty.push({ id, faults });
    });
    try {
      // Waited for in any case: a pool of threads must not outlive the check.
      const [trees, read] = await Promise.allSettled([checkTrees(), readAll]);
      for (const { id, faults } of faulty) this.#reportFaults(id, faults);
      for (const ended of [trees, read]) if (ended.status === 'rejected') throw toPlatformError(ended.reason);
      await this.#verified?.end(selection.kind === 'period' || selection.kind === 'all' ? startedAt : null);
    } finally {
      await this.#verified?.close();
    }
  }

  #reportFaults(pack: PackId, { faults, blobs }: PackFaults): void {
    for (const fault of faults) {
      const about = { blobs: blobs.map(({ blob }) => blob) };
      this.#findings.add('PACK_DAMAGED', 'error', `the pack ${pack} is damaged: ${fault}`, about);
    }
    for (const { blob, reason } of blobs) {
      const message = `${describeBlob(blob.type, blob.id)} in the pack ${pack} is damaged: ${reason}`;
      this.#findings.add('BLOB_DAMAGED', 'error', message, { blobs: [blob] });
    }
  }

  #verifiedShare({ listed, stored }: IndexSurvey, startedAt: Date): VerifiedShare | null {
    if (this.#verified === null) return null;
    const period = this.#selection?.kind === 'period' ? this.#selection.seconds * 1000 : Number.POSITIVE_INFINITY;
    let bytes = 0;
    let total = 0;
    let oldest = Number.POSITIVE_INFINITY;
    for (const [id, size] of stored) {
      if (!listed.has(id)) continue;
      total += size;
      const verified = this.#verified.packs.get(id)?.verified ?? Number.NEGATIVE_INFINITY;
      if (verified >= startedAt.getTime() - period && verified !== Number.NEGATIVE_INFINITY) bytes += size;
      oldest = Math.min(oldest, verified);
    }
    return { bytes, bytes_total: total, oldest: Number.isFinite(oldest) ? new Date(oldest).toISOString() : null };
  }
}

function isFaultless({ faults, blobs }: PackFaults): boolean {
  return faults.length === 0 && blobs.length === 0;
}

/** Packs that are marked and still there. */
function countMarked({ marked, stored }: IndexSurvey): Pick<CheckOutcome, 'packs_marked' | 'bytes_marked'> {
  const sizes = [...marked].flatMap((id) => stored.get(id) ?? []);
  return { packs_marked: sizes.length, bytes_marked: sizes.reduce((sum, size) => sum + size, 0) };
}
