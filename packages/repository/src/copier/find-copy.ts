import { parseTime } from '../format/node-time.ts';
import type { Snapshot, SnapshotEntry } from '../format/snapshot.ts';

/**
 * Finds the copy of a snapshot among those of another repository, as restic recognises it: it goes back to the same
 * original and says the same, save for its parent. One whose tags were changed since counts as another. Returns null when
 * there is none.
 */
export function findCopy(candidates: readonly SnapshotEntry[], wanted: SnapshotEntry): SnapshotEntry | null {
  const isCopy = (other: SnapshotEntry) =>
    originOf(other) === originOf(wanted) && saysTheSame(other.snapshot, wanted.snapshot);
  return candidates.find(isCopy) ?? null;
}

/** Id of the first of a row of copies and changed versions. */
export function originOf({ id, snapshot }: SnapshotEntry): string {
  return snapshot.original ?? id;
}

function saysTheSame(left: Snapshot, right: Snapshot): boolean {
  const sameList = (one: readonly string[] = [], other: readonly string[] = []) =>
    one.length === other.length && [...one].sort().join('\0') === [...other].sort().join('\0');
  return (
    left.tree === right.tree &&
    parseTime(left.time) === parseTime(right.time) &&
    (left.hostname ?? '') === (right.hostname ?? '') &&
    (left.username ?? '') === (right.username ?? '') &&
    sameList(left.paths, right.paths) &&
    sameList(left.excludes, right.excludes) &&
    sameList(left.tags, right.tags)
  );
}
