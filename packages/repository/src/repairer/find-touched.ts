import { blobKey, ImpactFinder, noImpact } from '../checker/impact.ts';
import type { SnapshotEntry } from '../format/snapshot.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { Pauses } from '../pauses.ts';
import type { TreeSource } from '../tree/tree-reader.ts';
import type { Touched } from './repair-plan.ts';
import type { BlobName } from './salvage.ts';

/** Finds what the loss of some blobs touches. */
export async function findTouched(
  trees: TreeSource,
  index: BlobIndex,
  snapshots: readonly SnapshotEntry[],
  lost: readonly BlobName[],
  pauses: Pauses,
): Promise<Touched> {
  const impact = noImpact();
  if (lost.length > 0) {
    const blobs = new Map(lost.map(({ type, id }) => [blobKey(type, id), [impact]]));
    const finder = new ImpactFinder(trees, index, { blobs, unlisted: [] }, pauses);
    for (const entry of snapshots) await finder.add(entry);
  }
  return { points: [...impact.points], affected: impact.names };
}
