import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { blobKey } from '../checker/impact.ts';
import { isDamage } from '../damage.ts';
import type { Snapshot, SnapshotEntry } from '../format/snapshot.ts';
import type { IndexSurvey } from '../index/index-survey.ts';
import { withLock } from '../locks.ts';
import { BlobSaver } from '../pack/blob-saver.ts';
import { readPackHeader } from '../pack/read-pack-header.ts';
import { Pauses, throwIfAborted } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import { readSnapshots, type UnreadableSnapshot } from '../readable-snapshots.ts';
import { describeBlob } from '../open-blob.ts';
import type { Repository } from '../repository.ts';
import { saveSnapshot } from '../snapshots.ts';
import { removeUnlessLocked } from '../storage/remove-unless-locked.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import { readWholeIndex } from './repair-packs.ts';
import { assertPlanned, assertPlanOf, type RepairedSnapshot, type SnapshotRepairPlan } from './repair-plan.ts';
import { describeLost, TreeRewriter, type RewrittenTree, type TreeSink } from './tree-rewriter.ts';

/** The tag that restic's own repair gives, so that a person sees which snapshot is not the first of its kind. */
const repairedTag = 'repaired';

export interface SnapshotRepairOptions {
  /** Snapshots to look at; otherwise all. */
  readonly snapshots?: readonly SnapshotId[] | undefined;
  /** Whether the plan removes the damaged snapshots once the repaired ones are stored, and files that cannot be read. */
  readonly removeDamaged?: boolean;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an applied plan did. */
export interface SnapshotRepairResult {
  readonly repaired: readonly { readonly from: SnapshotId; readonly to: SnapshotId }[];
  readonly removed: readonly SnapshotId[];
  /** Snapshots that the storage protects for now: apply a new plan when that ends. */
  readonly put_off: readonly SnapshotId[];
}

interface Draft {
  readonly entry: SnapshotEntry;
  readonly rewritten: RewrittenTree;
  /** The snapshot that an earlier repair has made. */
  readonly known: SnapshotId | null;
}

/**
 * Plans to replace snapshots that have lost something by new ones that hold the rest, and says what is lost. What counts
 * as lost is in no index: for damage inside of packs, repair these first. Changes nothing.
 *
 * Throws INDEX_DAMAGED when index files cannot be read, or when packs that no index lists hold what seems lost: repair the
 * index first. Throws SNAPSHOT_NOT_FOUND, REPOSITORY_LOCKED, CANCELLED or a STORAGE_ error.
 */
export async function planSnapshotRepair(
  repository: Repository,
  options: SnapshotRepairOptions = {},
): Promise<SnapshotRepairPlan> {
  const progress = new ProgressReporter(repository.clock, options.onProgress);
  return withLock(repository, 'shared', options.signal, async (signal) => {
    progress.enter('opening');
    const present = new Set<string>(await repository.listNames('snapshots'));
    const unknown = options.snapshots?.find((id) => !present.has(id));
    if (unknown !== undefined) throw new PlatformError('SNAPSHOT_NOT_FOUND', `there is no snapshot ${unknown}`);
    const { drafts, beyond } = await draft(repository, options.snapshots, progress, signal, () => Promise.resolve());
    progress.enter('done');
    return {
      kind: 'snapshots',
      repository_id: repository.id,
      planned_at: repository.clock.now().toISOString(),
      remove_damaged: options.removeDamaged ?? false,
      repaired: drafts.map(describe),
      beyond_repair: beyond.map(({ id, reason }) => ({ snapshot_id: id, reason })),
    };
  });
}

/**
 * Replaces the snapshots that a plan names. Order of writes: packs with the new trees, index files that list them, the new
 * snapshots with `original` and the tag `repaired`; then damaged ones are removed, if the plan says so. A crash leaves at
 * first trees that nothing needs, then both snapshots; applying the plan again finds the new ones and removes the rest.
 *
 * Throws PLAN_STALE when something would be lost that the plan does not name, INDEX_DAMAGED, REQUEST_INVALID for a plan of
 * another repository, REPOSITORY_LOCKED, CANCELLED or a STORAGE_ error.
 */
export async function applySnapshotRepair(
  repository: Repository,
  plan: SnapshotRepairPlan,
  options: Pick<SnapshotRepairOptions, 'onProgress' | 'signal'> = {},
): Promise<SnapshotRepairResult> {
  assertPlanOf(repository, plan);
  const progress = new ProgressReporter(repository.clock, options.onProgress);
  return withLock(repository, 'exclusive', options.signal, async (signal) => {
    progress.enter('opening');
    const saver = new BlobSaver(repository);
    const planned = [...plan.repaired, ...plan.beyond_repair].map((snapshot) => snapshot.snapshot_id);
    const { drafts, beyond } = await draft(repository, planned, progress, signal, (id, plaintext) =>
      saver.save('tree', id, plaintext),
    );
    const outcome = (id: SnapshotId, tree: string) => `${id} with the tree ${tree}`;
    assertPlanned(
      'the repaired snapshot',
      drafts.map(({ entry, rewritten }) => outcome(entry.id, rewritten.id)),
      plan.repaired.map((snapshot) => outcome(snapshot.snapshot_id, snapshot.tree)),
    );
    const namesOf = (snapshots: readonly { readonly snapshot_id: SnapshotId }[]) =>
      snapshots.map((one) => one.snapshot_id);
    assertPlanned(
      'the unreadable snapshot',
      beyond.map(({ id }) => id),
      namesOf(plan.beyond_repair),
    );
    progress.enter('writing');
    await saver.flush();
    const repaired: { from: SnapshotId; to: SnapshotId }[] = [];
    for (const { entry, rewritten, known } of drafts) {
      throwIfAborted(signal);
      const to = known ?? (await saveSnapshot(repository, replacement(entry, rewritten)));
      repaired.push({ from: entry.id, to });
    }
    progress.enter('finishing');
    const removed: SnapshotId[] = [];
    const putOff: SnapshotId[] = [];
    const doomed = plan.remove_damaged ? [...repaired.map(({ from }) => from), ...beyond.map(({ id }) => id)] : [];
    for (const id of doomed) {
      throwIfAborted(signal);
      ((await removeUnlessLocked(repository.storage, 'snapshots', id)) ? removed : putOff).push(id);
    }
    progress.enter('done');
    return { repaired, removed, put_off: putOff };
  });
}

/** Rewrites the trees of snapshots. `sink` gets each new tree once. */
async function draft(
  repository: Repository,
  wanted: readonly SnapshotId[] | undefined,
  progress: ProgressReporter,
  signal: AbortSignal,
  sink: TreeSink,
): Promise<{
  readonly drafts: readonly Draft[];
  readonly beyond: readonly UnreadableSnapshot[];
}> {
  const { entries, unreadable } = await readSnapshots(repository, signal);
  const { survey, index } = await readWholeIndex(repository);
  const chosen = wanted === undefined ? null : new Set(wanted);
  const isWanted = ({ id }: { readonly id: SnapshotId }) => chosen === null || chosen.has(id);
  const beyond = unreadable.filter(isWanted);
  progress.enter('planning');
  const stored = new Set<string>();
  const rewriter = new TreeRewriter(
    new TreeReader(repository, index),
    index,
    new Pauses(signal),
    async (id, plaintext) => {
      if (stored.has(id) || index.find('tree', id) !== null) return;
      stored.add(id);
      await sink(id, plaintext);
    },
  );
  const drafts: Draft[] = [];
  for (const entry of entries.filter(isWanted)) {
    try {
      const rewritten = await rewriter.rewrite(entry.snapshot.tree);
      if (rewritten.id === entry.snapshot.tree) continue;
      const next = replacement(entry, rewritten);
      const known = entries.find(({ snapshot }) => isSame(snapshot, next));
      drafts.push({ entry, rewritten, known: known?.id ?? null });
    } catch (error) {
      if (!isDamage(error)) throw error;
      beyond.push({ id: entry.id, reason: `the root of the snapshot ${entry.id} cannot be read: ${error.message}` });
    }
  }
  if (rewriter.missing.size > 0) await assertNothingUnlisted(repository, survey, rewriter.missing);
  return { drafts, beyond };
}

/** Refuses to call lost what a pack holds that no index lists: an index that is repaired first gives it back. */
async function assertNothingUnlisted(
  repository: Repository,
  { listed, marked, stored }: IndexSurvey,
  missing: ReadonlySet<string>,
): Promise<void> {
  for (const [id, size] of stored) {
    if (listed.has(id)) continue;
    const blobs = await readPackHeader(repository.storage, repository.key, id, size);
    if (typeof blobs === 'string') continue;
    const needed = blobs.find((blob) => missing.has(blobKey(blob.type, blob.id)));
    if (needed === undefined) continue;
    const what = describeBlob(needed.type, needed.id);
    const how = marked.has(id) ? 'is marked for deletion: prune again' : 'no index lists';
    throw new PlatformError('INDEX_DAMAGED', `${what} seems lost, but lies in the pack ${id}, which ${how}`);
  }
}

function describe({ entry, rewritten, known }: Draft): RepairedSnapshot {
  return {
    snapshot_id: entry.id,
    repaired_before: known,
    time: entry.snapshot.time,
    tree: rewritten.id,
    lost: rewritten.lost.map(describeLost),
    lost_files: rewritten.lostFiles,
    lost_folders: rewritten.lostFolders,
    lost_bytes: rewritten.lostBytes,
    corrected_files: rewritten.correctedFiles,
  };
}

function replacement({ id, snapshot }: SnapshotEntry, rewritten: RewrittenTree): Snapshot {
  const tags = [...(snapshot.tags ?? []).filter((tag) => tag !== repairedTag), repairedTag];
  return { ...snapshot, tree: rewritten.id, tags, original: snapshot.original ?? id };
}

function isSame(left: Snapshot, right: Snapshot): boolean {
  return left.tree === right.tree && left.original === right.original && left.time === right.time;
}
