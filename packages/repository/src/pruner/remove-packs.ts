import { inParallel } from '../in-parallel.ts';
import { confirmLocks } from '../locks.ts';
import { throwIfAborted } from '../pauses.ts';
import type { Repository } from '../repository.ts';
import { removeUnlessLocked } from '../storage/remove-unless-locked.ts';
import type { TablePack } from './pack-table.ts';

const removalsAtOnce = 8;

/** What became of packs that were to be removed. */
export interface RemovedPacks {
  readonly removed: number;
  /** Size of what was removed, in bytes. */
  readonly bytes: number;
  /** Packs that the storage protects for now. */
  readonly putOff: readonly TablePack[];
}

/** Removes packs that no index lists from the storage. Throws CANCELLED, REPOSITORY_LOCK_LOST or a STORAGE_ error. */
export async function removePacks(
  repository: Repository,
  packs: readonly TablePack[],
  signal: AbortSignal,
): Promise<RemovedPacks> {
  if (packs.length > 0) await confirmLocks(repository);
  let removed = 0;
  let bytes = 0;
  const putOff: TablePack[] = [];
  const outcomes = inParallel(packs, removalsAtOnce, async (pack) => {
    throwIfAborted(signal);
    return { pack, isGone: await removeUnlessLocked(repository.storage, 'data', pack.id) };
  });
  for await (const { pack, isGone } of outcomes) {
    if (!isGone) {
      putOff.push(pack);
      continue;
    }
    removed += 1;
    bytes += pack.storedSize ?? 0;
    pack.storedSize = null;
  }
  return { removed, bytes, putOff };
}
