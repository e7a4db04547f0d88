import { snapshotId, type SnapshotId } from '@enterprise-backup/contracts/ids';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { parseTime } from './format/node-time.ts';
import { decodeSnapshot, encodeSnapshot, type Snapshot, type SnapshotEntry } from './format/snapshot.ts';
import { inParallel } from './in-parallel.ts';
import { confirmLocks } from './locks.ts';
import type { Repository } from './repository.ts';

/** Enough to hide the way to S3. */
const loadedAtATime = 8;

export type { Snapshot, SnapshotEntry } from './format/snapshot.ts';

/** Reads one snapshot. Throws SNAPSHOT_NOT_FOUND or SNAPSHOT_DAMAGED. */
export async function loadSnapshot(repository: Repository, id: SnapshotId): Promise<Snapshot> {
  let json;
  try {
    json = await repository.loadUnpacked('snapshots', id);
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'STORAGE_FILE_MISSING') throw error;
    throw new PlatformError('SNAPSHOT_NOT_FOUND', `there is no snapshot ${id}`, { cause: error });
  }
  const snapshot = decodeSnapshot(json);
  if (snapshot === null) throw new PlatformError('SNAPSHOT_DAMAGED', `the snapshot ${id} is not valid`);
  return snapshot;
}

/**
 * Stores a snapshot and returns its id. It says that everything it needs is there, which holds only as long as the lock
 * does. Throws REPOSITORY_LOCK_LOST or a STORAGE_ error.
 */
export async function saveSnapshot(repository: Repository, snapshot: Snapshot): Promise<SnapshotId> {
  await confirmLocks(repository);
  return snapshotId.parse(await repository.saveUnpacked('snapshots', encodeSnapshot(snapshot)));
}

/** All snapshots, oldest first. Throws SNAPSHOT_DAMAGED when one cannot be read. */
export async function listSnapshots(repository: Repository): Promise<SnapshotEntry[]> {
  const ids = (await repository.listNames('snapshots')).map((name) => snapshotId.parse(name));
  const entries: SnapshotEntry[] = [];
  const loaded = inParallel(ids, loadedAtATime, async (id) => ({ id, snapshot: await loadSnapshot(repository, id) }));
  for await (const entry of loaded) entries.push(entry);
  const time = (entry: SnapshotEntry) => parseTime(entry.snapshot.time) ?? 0n;
  return entries.sort((left, right) => (time(left) < time(right) ? -1 : time(left) > time(right) ? 1 : 0));
}

/** Finds a snapshot by its id, a prefix that only one id has, or the word `latest`. Throws SNAPSHOT_NOT_FOUND or SNAPSHOT_AMBIGUOUS. */
export async function findSnapshot(repository: Repository, wanted: string): Promise<SnapshotEntry> {
  if (wanted === 'latest') {
    const newest = (await listSnapshots(repository)).at(-1);
    if (newest !== undefined) return newest;
    throw new PlatformError('SNAPSHOT_NOT_FOUND', 'the repository holds no snapshot');
  }
  const id = await findSnapshotId(repository, wanted);
  return { id, snapshot: await loadSnapshot(repository, id) };
}

/** As `findSnapshot`, without the word `latest`, and for damaged snapshots too: nothing but names is looked at. */
export async function findSnapshotId(repository: Repository, wanted: string): Promise<SnapshotId> {
  const matches = /^[0-9a-f]{1,64}$/.test(wanted)
    ? (await repository.listNames('snapshots')).filter((name) => name.startsWith(wanted))
    : [];
  const [match, ...others] = matches;
  if (match === undefined)
    throw new PlatformError('SNAPSHOT_NOT_FOUND', `no snapshot has an id that starts with ${wanted}`);
  if (others.length > 0) {
    throw new PlatformError('SNAPSHOT_AMBIGUOUS', `${matches.length} snapshots have ids that start with ${wanted}`);
  }
  return snapshotId.parse(match);
}

/** Removes snapshots; their data stays until a prune. One that is gone already is passed over. */
export async function forgetSnapshots(repository: Repository, ids: readonly SnapshotId[]): Promise<void> {
  for (const id of ids) await repository.storage.delete('snapshots', id);
}
