import type { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { snapshotId, type SnapshotId } from '@enterprise-backup/contracts/ids';
import { isDamage } from '../damage.ts';
import type { SnapshotEntry } from '../format/snapshot.ts';
import { loadIndex } from '../index/load-index.ts';
import { Pauses } from '../pauses.ts';
import type { UnreadableSnapshot } from '../readable-snapshots.ts';
import type { Repository } from '../repository.ts';
import { loadSnapshot } from '../snapshots.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import { CacheReader } from './cache-reader.ts';
import { sweepCache } from './cache-sweep.ts';
import { CacheWriter } from './cache-writer.ts';

export interface CacheUpdateOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told before each snapshot that is read, with how many there are to read. */
  readonly onSnapshot?: ((done: number, total: number) => void) | undefined;
}

/**
 * Brings the cache file up to date: removes what was forgotten and reads what is new. A snapshot of which something is
 * damaged is left out, and tried again the next time. Returns the names of all snapshots, and those that were left out.
 *
 * Snapshots are listed before the index is loaded: what is listed then has its blobs in the index.
 */
export async function updateCache(
  repository: Repository,
  database: DatabaseSync,
  { signal = new AbortController().signal, onSnapshot }: CacheUpdateOptions,
): Promise<{ readonly listed: ReadonlySet<string>; readonly unreadable: readonly UnreadableSnapshot[] }> {
  const pauses = new Pauses(signal);
  const listed = new Set(await repository.listNames('snapshots'));
  const known = new CacheReader(database).snapshots();
  const cached = new Set(known.map(({ id }) => id));
  // In a state of the past, a snapshot that is missing came later.
  if (!repository.storage.readOnly) {
    const gone = known.filter(({ id }) => !listed.has(id));
    sweepCache(database, gone);
  }
  const unreadable: UnreadableSnapshot[] = [];
  /** Null for a snapshot that is damaged, or was forgotten since it was listed. */
  const unlessDamaged = async <Result>(id: SnapshotId, work: () => Promise<Result>): Promise<Result | null> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'SNAPSHOT_NOT_FOUND') return null;
      if (!isDamage(error)) throw error;
      unreadable.push({ id, reason: `the snapshot ${id} cannot be searched: ${error.message}` });
      return null;
    }
  };
  const entries: SnapshotEntry[] = [];
  for (const name of listed) {
    if (cached.has(name)) continue;
    const id = snapshotId.parse(name);
    const snapshot = await unlessDamaged(id, () => loadSnapshot(repository, id));
    if (snapshot !== null) entries.push({ id, snapshot });
  }
  if (entries.length === 0) return { listed, unreadable };
  entries.sort((left, right) => Date.parse(left.snapshot.time) - Date.parse(right.snapshot.time));
  const trees = new TreeReader(repository, await loadIndex(repository));
  const writer = new CacheWriter(database);
  for (const [done, { id, snapshot }] of entries.entries()) {
    onSnapshot?.(done, entries.length);
    await unlessDamaged(id, () => writer.add(id, snapshot, trees, pauses));
  }
  return { listed, unreadable };
}
