import type { PackContents, PackedBlob, PackId } from '../format/blob.ts';
import { surveyIndex, type IndexSurvey } from '../index/index-survey.ts';
import { rewriteIndex, type IndexChangeResult } from '../index/rewrite-index.ts';
import { inParallel } from '../in-parallel.ts';
import { withLock } from '../locks.ts';
import { readPackHeader } from '../pack/read-pack-header.ts';
import { throwIfAborted } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { assertPlanned, assertPlanOf, type IndexRepairPlan } from './repair-plan.ts';

/** Headers that are fetched at the same time. */
const requestsAtOnce = 8;

export interface IndexRepairOptions {
  /** Reads every pack's header and trusts no index file. */
  readonly readAllPacks?: boolean;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an applied plan did. */
export interface IndexRepairResult {
  readonly index_files_removed: readonly string[];
  /** Index files that the storage protects for now: apply a new plan when that ends. */
  readonly index_files_put_off: readonly string[];
  readonly packs_listed: number;
  readonly packs_dropped: number;
}

/**
 * Plans to make the index true: index files that cannot be read go; packs that no index lists, that have another size than
 * listed, or that two index files describe differently, are listed as their own header says; packs that are gone are listed
 * no longer. Changes nothing. Throws REPOSITORY_LOCKED, CANCELLED or a STORAGE_ error.
 */
export async function planIndexRepair(
  repository: Repository,
  options: IndexRepairOptions = {},
): Promise<IndexRepairPlan> {
  const { readAllPacks = false } = options;
  const progress = new ProgressReporter(repository.clock, options.onProgress);
  return withLock(repository, 'shared', options.signal, async (signal) => {
    progress.enter('opening');
    const survey = await surveyIndex(repository, () => undefined);
    const faults = findIndexFaults(survey, readAllPacks);
    const read: IndexRepairPlan['read'] = [];
    const unusable: IndexRepairPlan['unusable'] = [];
    progress.expect(0, faults.toRead.size);
    progress.enter('planning');
    for await (const { id, blobs } of readHeaders(repository, survey, faults.toRead.keys())) {
      throwIfAborted(signal);
      progress.add(0, 1);
      if (typeof blobs === 'string') unusable.push({ id, reason: `the pack ${id} cannot be used: ${blobs}` });
      else read.push({ id, reason: faults.toRead.get(id) ?? '', blobs: blobs.length });
    }
    progress.enter('done');
    return {
      kind: 'index',
      repository_id: repository.id,
      planned_at: repository.clock.now().toISOString(),
      read_all_packs: readAllPacks,
      unreadable: [...survey.unreadable],
      missing: [...faults.missing],
      read,
      unusable,
    };
  });
}

/**
 * Makes the index as the plan says, from the headers as they stand now. It first writes index files for the packs that
 * were read, then replaces those that list something untrue, and removes old files last: see `rewriteIndex` for what a
 * crash leaves. Throws PLAN_STALE when it would drop something that the plan does not name, REQUEST_INVALID for a plan of
 * another repository, REPOSITORY_LOCKED, CANCELLED or a STORAGE_ error.
 */
export async function applyIndexRepair(
  repository: Repository,
  plan: IndexRepairPlan,
  options: Pick<IndexRepairOptions, 'onProgress' | 'signal'> = {},
): Promise<IndexRepairResult> {
  assertPlanOf(repository, plan);
  const progress = new ProgressReporter(repository.clock, options.onProgress);
  return withLock(repository, 'exclusive', options.signal, async (signal) => {
    progress.enter('opening');
    const survey = await surveyIndex(repository, () => undefined);
    const faults = findIndexFaults(survey, plan.read_all_packs);
    const namesOf = (files: readonly { readonly name: string }[]) => files.map(({ name }) => name);
    assertPlanned('the unreadable index file', namesOf(survey.unreadable), namesOf(plan.unreadable));
    assertPlanned('the missing pack', faults.missing, plan.missing);
    progress.enter('writing');
    const { listed, change } = await repairIndex(repository, survey, faults, signal);
    progress.enter('done');
    return {
      index_files_removed: change.removed,
      index_files_put_off: change.putOff,
      packs_listed: listed,
      packs_dropped: faults.missing.size,
    };
  });
}

/** What is wrong with an index. */
export interface IndexFaults {
  readonly missing: ReadonlySet<PackId>;
  /** Packs whose header is to be read, and why, as a sentence. */
  readonly toRead: ReadonlyMap<PackId, string>;
}

/** Compares what is listed with what is stored. A pack that is marked for deletion is to be in no index. */
export function findIndexFaults({ listed, marked, stored }: IndexSurvey, readAllPacks: boolean): IndexFaults {
  const toRead = new Map<PackId, string>();
  for (const [id, size] of stored) {
    const known = listed.get(id);
    if (known === undefined) {
      if (readAllPacks || !marked.has(id)) toRead.set(id, `no index lists the pack ${id}`);
    } else if (known.size !== size) toRead.set(id, `the pack ${id} has ${size} bytes, listed are ${known.size}`);
    else if (known.disputed) toRead.set(id, `two index files list different blobs for the pack ${id}`);
    else if (readAllPacks) toRead.set(id, `the pack ${id} is read again on request`);
  }
  return { missing: new Set([...listed.keys()].filter((id) => !stored.has(id))), toRead };
}

/** Rewrites the index under an exclusive lock. Packs whose header cannot be read stay listed as they are. */
export async function repairIndex(
  repository: Repository,
  survey: IndexSurvey,
  faults: IndexFaults,
  signal: AbortSignal,
): Promise<{ readonly listed: number; readonly change: IndexChangeResult }> {
  const read = new Set<PackId>();
  async function* usablePacks(): AsyncGenerator<PackContents> {
    for await (const { id, blobs } of readHeaders(repository, survey, faults.toRead.keys())) {
      if (typeof blobs === 'string') continue;
      read.add(id);
      yield { id, blobs };
    }
  }
  const change = await rewriteIndex(
    repository,
    {
      files: survey.files,
      obsolete: survey.unreadable.map(({ name }) => name),
      added: usablePacks(),
      dropped: (id) => read.has(id) || faults.missing.has(id),
    },
    signal,
  );
  return { listed: read.size, change };
}

interface PackHeader {
  readonly id: PackId;
  readonly blobs: readonly PackedBlob[] | string;
}

function readHeaders(
  repository: Repository,
  { stored }: IndexSurvey,
  packs: Iterable<PackId>,
): AsyncGenerator<PackHeader> {
  return inParallel(packs, requestsAtOnce, async (id) => ({
    id,
    blobs: await readPackHeader(repository.storage, repository.key, id, stored.get(id) ?? 0),
  }));
}
