import { PlatformError } from '@enterprise-backup/contracts/errors';
import { snapshotId, type SnapshotId } from '@enterprise-backup/contracts/ids';
import { isDamage } from './damage.ts';
import type { SnapshotEntry } from './format/snapshot.ts';
import { throwIfAborted } from './pauses.ts';
import type { Repository } from './repository.ts';
import { loadSnapshot } from './snapshots.ts';

/** A snapshot's file that cannot be read, and why, as a sentence. */
export interface UnreadableSnapshot {
  readonly id: SnapshotId;
  readonly reason: string;
}

/**
 * All snapshots, in the order of their ids, with those that are damaged apart. One that was forgotten since it was listed
 * is left out. Throws CANCELLED or a STORAGE_ error.
 */
export async function readSnapshots(
  repository: Repository,
  signal: AbortSignal,
): Promise<{ readonly entries: SnapshotEntry[]; readonly unreadable: UnreadableSnapshot[] }> {
  const entries: SnapshotEntry[] = [];
  const unreadable: UnreadableSnapshot[] = [];
  for (const name of await repository.listNames('snapshots')) {
    throwIfAborted(signal);
    const id = snapshotId.parse(name);
    try {
      entries.push({ id, snapshot: await loadSnapshot(repository, id) });
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'SNAPSHOT_NOT_FOUND') continue;
      if (!isDamage(error)) throw error;
      unreadable.push({ id, reason: error.message });
    }
  }
  return { entries, unreadable };
}
