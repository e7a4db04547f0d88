import { snapshotId } from '@enterprise-backup/contracts/ids';
import { withLock } from '../locks.ts';
import { Pauses } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import { chooseCopies } from './choose-copies.ts';
import { decidePacks } from './decide-packs.ts';
import { addIndexFiles, addStoredPacks, loadListed } from './load-state.ts';
import { PackTable } from './pack-table.ts';
import { defaultPruneSettings, type PruneSettings } from './prune-options.ts';
import { PrunePlan, reportOf, type PruneState } from './prune-plan.ts';
import { UsedBlobs } from './used-blobs.ts';

export interface PlanPruneOptions extends Partial<PruneSettings> {
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds out what no snapshot needs and decides what to do about it. Changes nothing. It takes a shared lock, so that
 * backups go on meanwhile: what they add until the plan is applied is looked at again then.
 *
 * Memory grows with blobs and packs alone: about 80 bytes for each copy of a blob, and 300 for each pack.
 *
 * Throws, before anything is changed, when it does not understand all of the repository, for what looks unneeded might be
 * needed then: SNAPSHOT_DAMAGED, INDEX_DAMAGED, TREE_DAMAGED, TREE_HOSTILE, BLOB_MISSING for a needed blob that is in no index,
 * PACK_DAMAGED for a needed pack that is missing or has the wrong size. Also REPOSITORY_LOCKED, CANCELLED, or a STORAGE_ error.
 */
export async function planPrune(repository: Repository, options: PlanPruneOptions = {}): Promise<PrunePlan> {
  const { onProgress, signal: stop, ...chosenSettings } = options;
  const settings = { ...defaultPruneSettings, ...chosenSettings };
  return withLock(repository, 'shared', stop, async (signal) => {
    const progress = new ProgressReporter(repository.clock, onProgress);
    const pauses = new Pauses(signal);
    progress.enter('opening');
    // Snapshots before the index, the index before the packs: what a running backup adds meanwhile is then complete.
    const snapshots = (await repository.listNames('snapshots')).map((name) => snapshotId.parse(name));
    const table = new PackTable();
    const indexFiles = await repository.listNames('index');
    await addIndexFiles(repository, table, indexFiles, pauses);
    await addStoredPacks(repository, table, pauses);
    progress.enter('planning');
    const used = new UsedBlobs(table.blobs, new TreeReader(repository, table.blobs), pauses);
    for await (const { snapshot } of loadListed(repository, snapshots)) await used.addTree(snapshot.tree);
    const chosen = chooseCopies(table, (blob) => used.has(blob));
    const now = repository.clock.now();
    const state: PruneState = {
      settings,
      table,
      used,
      chosen,
      decisions: decidePacks(table, chosen, settings, repository.version, now.getTime()),
      indexFiles: new Set(indexFiles),
      snapshots: new Set(snapshots),
    };
    progress.enter('done');
    return new PrunePlan(reportOf(repository.id, now, state), state);
  });
}
