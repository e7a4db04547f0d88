import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { asPackId } from '../format/blob.ts';
import { decodeIndexFileWithMarks } from '../format/index-file.ts';
import { packsOf, scanIndexFile } from '../format/index-scanner.ts';
import type { SnapshotEntry } from '../format/snapshot.ts';
import type { Pauses } from '../pauses.ts';
import { releaseMemory } from '../release-memory.ts';
import type { Repository } from '../repository.ts';
import { loadSnapshot } from '../snapshots.ts';
import type { PackTable } from './pack-table.ts';

/** Adds index files to the table. Throws INDEX_DAMAGED, CANCELLED, or a STORAGE_ error, as when one is gone by now. */
export async function addIndexFiles(
  repository: Repository,
  table: PackTable,
  names: Iterable<string>,
  pauses: Pauses,
): Promise<void> {
  for (const name of names) {
    await pauses.pauseIfDue();
    const json = await repository.loadUnpacked('index', name);
    // Most files can be scanned, which takes no memory to speak of.
    const scanned = scanIndexFile(json);
    const file = scanned === null ? decodeIndexFileWithMarks(json) : { packs: packsOf(scanned), marked: [] };
    if (file === null) throw new PlatformError('INDEX_DAMAGED', `the index file ${name} is not a valid index`);
    table.addIndexFile(name, file);
    releaseMemory(json);
  }
}

/** Adds the packs of the storage to the table, with their sizes. */
export async function addStoredPacks(repository: Repository, table: PackTable, pauses: Pauses): Promise<void> {
  for await (const { name, size } of repository.storage.list('data')) {
    await pauses.pauseIfDue();
    table.pack(asPackId(name)).storedSize = size;
  }
}

/** Snapshots by their ids, without those that were forgotten since they were listed. Throws SNAPSHOT_DAMAGED or a STORAGE_ error. */
export async function* loadListed(repository: Repository, ids: readonly SnapshotId[]): AsyncGenerator<SnapshotEntry> {
  for (const id of ids) {
    try {
      yield { id, snapshot: await loadSnapshot(repository, id) };
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code !== 'SNAPSHOT_NOT_FOUND') throw error;
    }
  }
}
