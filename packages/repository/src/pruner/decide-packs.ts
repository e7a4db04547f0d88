import { isWhole, type ChosenCopies, type PackUse } from './choose-copies.ts';
import type { PackTable, TablePack } from './pack-table.ts';
import type { PruneSettings } from './prune-options.ts';

/**
 * What a prune does with a pack. `keep`: nothing. `repack`: its used blobs are stored anew, then it is marked. `mark`: it
 * is taken out of the index and marked. `wait`: it is marked and its grace is not over. `delete`: it is removed from the
 * storage. `recover`: it is marked and needed, so it is listed again. `drop`: the index lists it, it is gone, and nothing
 * needs it, so it is listed no more.
 */
export type PackAction = 'keep' | 'repack' | 'mark' | 'wait' | 'delete' | 'recover' | 'drop';

/** What a prune does with one pack, and why. */
export interface PackDecision {
  readonly action: PackAction;
  readonly reason: string;
}

/** Packs below this size are merged with others, if there are ten of them: fewer are not worth the trouble. */
const smallestTarget = 4 * 1024 * 1024;
const smallPacksWorthMerging = 10;

interface Candidate {
  readonly pack: TablePack;
  readonly use: PackUse;
  readonly reason: string;
  /** Repacked whatever the limit for unused space says. */
  readonly always: boolean;
  readonly holdsTrees: boolean;
  readonly isSmall: boolean;
}

/**
 * Decides about every pack at the time `now`, in milliseconds since 1970. What is repacked, and in which order, is as in
 * restic (internal/repository/prune.go): packs that hold data and trees, trees that are not compressed in format 2, then
 * the packs with most unused space, until little enough is left; and small ones. What the ceiling for moved bytes leaves
 * out comes in the next run.
 */
export function decidePacks(
  table: PackTable,
  chosen: ChosenCopies,
  settings: PruneSettings,
  version: 1 | 2,
  now: number,
): Map<TablePack, PackDecision> {
  const decisions = new Map<TablePack, PackDecision>();
  const smallSize = smallPackSize([...chosen.uses.keys()]);
  const candidates: Candidate[] = [];
  const small: Candidate[] = [];
  let used = 0;
  let unused = 0;
  for (const pack of table.packs) {
    const use = chosen.uses.get(pack);
    if (use === undefined || use.usedBlobs === 0 || chosen.recovered.has(pack)) {
      decisions.set(pack, decideUnused(pack, chosen, settings, now));
      continue;
    }
    used += use.usedBytes;
    unused += use.unusedBytes;
    const candidate = judgePack(table, pack, use, version, smallSize);
    if (candidate === null) decisions.set(pack, { action: 'keep', reason: 'all of it is used' });
    else if (candidate.reason === smallReason) small.push(candidate);
    else candidates.push(candidate);
  }
  if (small.length >= smallPacksWorthMerging) candidates.push(...small);
  else for (const { pack } of small) decisions.set(pack, { action: 'keep', reason: 'all of it is used' });
  decideCandidates(candidates, settings, used, unused, decisions);
  return decisions;
}

/** About a pack of which nothing is used, or that cannot be used. */
function decideUnused(pack: TablePack, chosen: ChosenCopies, settings: PruneSettings, now: number): PackDecision {
  if (chosen.recovered.has(pack)) return { action: 'recover', reason: 'it is marked, and a snapshot needs it' };
  if (pack.listedIn.length > 0) {
    if (pack.storedSize === null) return { action: 'drop', reason: 'it is gone, and nothing needs it' };
    return { action: 'mark', reason: isWhole(pack) ? 'nothing needs it' : 'its size is wrong, and nothing needs it' };
  }
  // Gone after it was marked: only its mark is left.
  if (pack.storedSize === null) return { action: 'drop', reason: 'it is deleted' };
  if (pack.markedAt === null) return { action: 'mark', reason: 'no index lists it' };
  const end = pack.markedAt + settings.graceSeconds * 1000;
  const marked = `it was marked at ${new Date(pack.markedAt).toISOString()}`;
  return now >= end
    ? { action: 'delete', reason: `${marked}, and its grace is over` }
    : { action: 'wait', reason: `${marked}, and is deleted after ${new Date(end).toISOString()}` };
}

const smallReason = 'it is small';

function judgePack(
  table: PackTable,
  pack: TablePack,
  use: PackUse,
  version: 1 | 2,
  smallSize: number,
): Candidate | null {
  let data = 0;
  let trees = 0;
  let plainTrees = 0;
  for (let copy = pack.start; copy < pack.end; copy += 1) {
    const isTree = table.blobs.typeAt(table.blobOf(copy)) === 'tree';
    if (isTree) trees += 1;
    else data += 1;
    if (isTree && !table.isCompressed(copy)) plainTrees += 1;
  }
  const isSmall = (pack.storedSize ?? 0) < smallSize;
  const common = { pack, use, holdsTrees: trees > 0, isSmall };
  if (trees > 0 && data > 0) return { ...common, reason: 'it holds data and trees', always: true };
  if (version === 2 && plainTrees > 0) {
    return { ...common, reason: 'it holds trees that are not compressed', always: true };
  }
  if (use.unusedBlobs > 0) return { ...common, reason: 'a part of it is not needed', always: trees > 0 };
  return isSmall ? { ...common, reason: smallReason, always: true } : null;
}

/** 0.8 of the third percentile of all sizes, and at least of the smallest that restic aims at: a repository without small packs stays as it is. */
function smallPackSize(packs: readonly TablePack[]): number {
  const sizes = packs.map(({ storedSize }) => storedSize ?? 0).sort((left, right) => left - right);
  return 0.8 * Math.max(smallestTarget, sizes[Math.floor(sizes.length * 0.03)] ?? 0);
}

function decideCandidates(
  candidates: Candidate[],
  settings: PruneSettings,
  used: number,
  unused: number,
  decisions: Map<TablePack, PackDecision>,
): void {
  const limit = unusedLimit(settings, used);
  let moved = 0;
  let left = unused;
  for (const { pack, use, reason, always, isSmall } of candidates.sort(compareCandidates)) {
    if (moved + use.usedBytes > settings.maxRepackBytes) {
      decisions.set(pack, { action: 'keep', reason: `${reason}, and the run may not move more bytes` });
    } else if (!always && !isSmall && left <= limit) {
      decisions.set(pack, { action: 'keep', reason: `${reason}, and so much unused space may stay` });
    } else {
      decisions.set(pack, { action: 'repack', reason });
      moved += use.usedBytes;
      left -= use.unusedBytes;
    }
  }
}

function unusedLimit({ maxUnused }: PruneSettings, used: number): number {
  if (maxUnused === 'unlimited') return Number.POSITIVE_INFINITY;
  if ('bytes' in maxUnused) return maxUnused.bytes;
  // The share is meant of what is there afterwards, used and unused together.
  return maxUnused.percent >= 100 ? Number.POSITIVE_INFINITY : (maxUnused.percent / (100 - maxUnused.percent)) * used;
}

/** Trees first, since every reader needs them; then small packs, then those with the largest share of unused space. */
function compareCandidates(left: Candidate, right: Candidate): number {
  if (left.holdsTrees !== right.holdsTrees) return left.holdsTrees ? -1 : 1;
  if (left.isSmall !== right.isSmall) return left.isSmall ? -1 : 1;
  return right.use.unusedBytes * left.use.usedBytes - left.use.unusedBytes * right.use.usedBytes;
}
