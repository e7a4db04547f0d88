import { PlatformError } from '@enterprise-backup/contracts/errors';
import { readPacks } from '../checker/read-packs.ts';
import { blobKey } from '../checker/impact.ts';
import { asPackId, isId, type PackId } from '../format/blob.ts';
import { BlobIndex } from '../index/blob-index.ts';
import { listIndexedPacks, surveyIndex, type IndexSurvey } from '../index/index-survey.ts';
import { rewriteIndex, type IndexChangeResult } from '../index/rewrite-index.ts';
import { withLock } from '../locks.ts';
import { BlobSaver } from '../pack/blob-saver.ts';
import { Pauses, throwIfAborted } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import { readSnapshots } from '../readable-snapshots.ts';
import type { Repository } from '../repository.ts';
import { removeUnlessLocked } from '../storage/remove-unless-locked.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import { findDamagedPacks } from './find-damaged-packs.ts';
import { findTouched } from './find-touched.ts';
import { assertPlanned, assertPlanOf, type PackRepairPlan } from './repair-plan.ts';
import { Salvage, type BlobSink, type SalvagedPack } from './salvage.ts';

export interface PackRepairOptions {
  /** Packs to look at; otherwise damaged packs are looked for. */
  readonly packs?: readonly PackId[] | undefined;
  /** Reads every pack to find damage; otherwise by size and by the trees. Has no meaning when packs are named. */
  readonly readData?: boolean;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an applied plan did. */
export interface PackRepairResult {
  readonly packs_removed: readonly PackId[];
  /** Packs and index files that the storage protects for now: apply a new plan when that ends. */
  readonly put_off: readonly string[];
  /** Packs of the plan that were whole after all. */
  readonly packs_whole: readonly PackId[];
  readonly packs_added: number;
  readonly bytes_added: number;
  readonly blobs_salvaged: number;
  readonly blobs_lost: number;
}

/**
 * Plans to replace damaged packs: what is whole in them goes into new packs, what is not is named with the snapshots and
 * files that it touches. Changes nothing. Throws INDEX_DAMAGED when an index file cannot be read (repair that first),
 * REPOSITORY_LOCKED, CANCELLED or a STORAGE_ error.
 */
export async function planPackRepair(repository: Repository, options: PackRepairOptions = {}): Promise<PackRepairPlan> {
  const progress = new ProgressReporter(repository.clock, options.onProgress);
  return withLock(repository, 'shared', options.signal, async (signal) => {
    progress.enter('opening');
    const { entries } = await readSnapshots(repository, signal);
    const { survey, index, marked } = await readWholeIndex(repository);
    progress.enter('planning');
    const pauses = new Pauses(signal);
    const search = { readData: options.readData ?? false, signal, pauses, progress };
    const damaged =
      options.packs === undefined
        ? await findDamagedPacks(repository, survey, index, entries, search)
        : await lookAt(repository, survey, options.packs, signal);
    const sink = () => Promise.resolve();
    const { packs } = await new Salvage(repository, { survey, index, marked, damaged }, sink, signal).run();
    const lost = packs.flatMap((pack) => pack.lost);
    const touched = await findTouched(new TreeReader(repository, index), index, entries, lost, pauses);
    progress.enter('done');
    return {
      kind: 'packs',
      repository_id: repository.id,
      planned_at: repository.clock.now().toISOString(),
      packs: packs.map(({ id, reason, salvaged, elsewhere, lost: gone }) => ({
        id,
        reason,
        salvaged,
        elsewhere,
        lost: [...gone],
      })),
      touched,
    };
  });
}

/**
 * Replaces the packs that a plan names, from what they hold now. Order of writes: new packs, index files that list them,
 * index files without the damaged packs; then the old index files are removed, and the damaged packs last. A crash leaves
 * at first packs that no index lists, later blobs in two packs, of which readers try both, and at the end damaged packs
 * that no index lists. Applying the plan again, or a prune, removes what is left.
 *
 * Throws PLAN_STALE when a blob would be lost that the plan does not name as lost, INDEX_DAMAGED, REQUEST_INVALID for a
 * plan of another repository, REPOSITORY_LOCKED, CANCELLED or a STORAGE_ error.
 */
export async function applyPackRepair(
  repository: Repository,
  plan: PackRepairPlan,
  options: Pick<PackRepairOptions, 'onProgress' | 'signal'> = {},
): Promise<PackRepairResult> {
  assertPlanOf(repository, plan);
  const progress = new ProgressReporter(repository.clock, options.onProgress);
  return withLock(repository, 'exclusive', options.signal, async (signal) => {
    progress.enter('opening');
    const { survey, index, marked } = await readWholeIndex(repository);
    const isKnown = ({ id }: { readonly id: PackId }) => survey.listed.has(id) || survey.stored.has(id);
    const damaged = new Map(plan.packs.filter(isKnown).map(({ id, reason }) => [id, reason]));
    progress.enter('writing');
    const saver = new BlobSaver(repository);
    const sink: BlobSink = ({ type, id }, plaintext) => saver.save(type, id, plaintext);
    const { packs, whole } = await new Salvage(repository, { survey, index, marked, damaged }, sink, signal).run();
    await saver.flush();
    assertPlanned('the lost blob', lostNames(packs), lostNames(plan.packs));
    progress.enter('finishing');
    const { removed, putOff } = await removeDamagedPacks(repository, survey, packs, signal);
    progress.enter('done');
    return {
      packs_removed: removed,
      put_off: putOff,
      packs_whole: whole,
      packs_added: saver.packs,
      bytes_added: saver.bytes,
      blobs_salvaged: packs.reduce((sum, { salvaged }) => sum + salvaged, 0),
      blobs_lost: new Set(lostNames(packs)).size,
    };
  });
}

/** Takes damaged packs out of the index, then removes them. Everything that is to be kept of them must be stored and listed. */
export async function removeDamagedPacks(
  repository: Repository,
  survey: IndexSurvey,
  packs: readonly Pick<SalvagedPack, 'id'>[],
  signal: AbortSignal,
): Promise<{ readonly removed: PackId[]; readonly putOff: string[] }> {
  const gone = new Set(packs.map(({ id }) => id));
  const change: IndexChangeResult = await rewriteIndex(
    repository,
    { files: survey.files, obsolete: [], added: [], dropped: (id) => gone.has(id) },
    signal,
  );
  const removed: PackId[] = [];
  const putOff = change.putOff.map((name) => `index/${name}`);
  for (const id of gone) {
    throwIfAborted(signal);
    if (await removeUnlessLocked(repository.storage, 'data', id)) removed.push(id);
    else putOff.push(`data/${id}`);
  }
  return { removed, putOff };
}

/** The index, and what is marked for deletion. No part of the index may be missing: what is in an unreadable file would count as lost. Throws INDEX_DAMAGED. */
export async function readWholeIndex(
  repository: Repository,
): Promise<{ readonly survey: IndexSurvey; readonly index: BlobIndex; readonly marked: BlobIndex }> {
  const index = BlobIndex.create();
  const marked = BlobIndex.create();
  const survey = await surveyIndex(repository, index.addPack.bind(index), marked.addPack.bind(marked));
  const [unreadable] = survey.unreadable;
  if (unreadable !== undefined) throw new PlatformError('INDEX_DAMAGED', unreadable.reason);
  return { survey, index, marked };
}

/** Takes text that a person typed as the id of a pack; null when it has not that form. */
export function parsePackId(text: string): PackId | null {
  return isId(text) ? asPackId(text) : null;
}

/** What is wrong with packs that a person named; nothing for those that are whole. Throws PACK_UNKNOWN. */
async function lookAt(
  repository: Repository,
  survey: IndexSurvey,
  packs: readonly PackId[],
  signal: AbortSignal,
): Promise<Map<PackId, string>> {
  const { files, listed, stored } = survey;
  const damaged = new Map<PackId, string>();
  const named = new Set(packs);
  for (const id of named) {
    if (listed.has(id)) continue;
    if (!stored.has(id)) throw new PlatformError('PACK_UNKNOWN', `the repository has no pack ${id}`);
    damaged.set(id, `no index lists the pack ${id}`);
  }
  await readPacks(
    repository,
    listIndexedPacks(repository, files, (id) => named.has(id)),
    signal,
    ({ id }, faults) => {
      const [fault] = [...faults.faults, ...faults.blobs.map(({ reason }) => reason)];
      if (fault !== undefined) damaged.set(id, `the pack ${id} is damaged: ${fault}`);
    },
  );
  return damaged;
}

function lostNames(packs: readonly Pick<SalvagedPack, 'lost'>[]): string[] {
  return packs.flatMap(({ lost }) => lost.map(({ type, id }) => blobKey(type, id)));
}
