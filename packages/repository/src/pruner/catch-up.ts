import { PlatformError } from '@enterprise-backup/contracts/errors';
import { snapshotId } from '@enterprise-backup/contracts/ids';
import type { Pauses } from '../pauses.ts';
import { describeBlob } from '../open-blob.ts';
import type { Repository } from '../repository.ts';
import { isWhole } from './choose-copies.ts';
import { addIndexFiles, loadListed } from './load-state.ts';
import type { TablePack } from './pack-table.ts';
import type { PruneState } from './prune-plan.ts';

/**
 * Brings the state of a plan up to what the repository holds now: index files and snapshots that were added since. A pack
 * that was to go and is listed again stays, and so does one that holds the only copy of a blob that a new snapshot needs.
 * Afterwards every needed blob has a copy in a pack that stays, or is repacked.
 *
 * Must run under a lock, or what it finds is old at once. Throws PLAN_STALE when an index file of the plan is gone: another
 * prune or a repair was here, and packs may be gone that the plan counts on. Throws BLOB_MISSING, TREE_DAMAGED and the like
 * for what new snapshots need, CANCELLED, or a STORAGE_ error.
 */
export async function catchUp(repository: Repository, state: PruneState, pauses: Pauses): Promise<void> {
  // Snapshots before the index: whatever a snapshot needs that is listed now is then in the index.
  const snapshots = (await repository.listNames('snapshots')).map((name) => snapshotId.parse(name));
  const indexFiles = new Set(await repository.listNames('index'));
  for (const name of state.indexFiles) {
    if (!indexFiles.has(name)) throw new PlatformError('PLAN_STALE', `the index file ${name} of the plan is gone`);
  }
  const added = new Set([...indexFiles].filter((name) => !state.indexFiles.has(name)));
  await addIndexFiles(repository, state.table, added, pauses);
  for (const name of added) state.indexFiles.add(name);
  keepListedPacks(state, added);
  for await (const { id, snapshot } of loadListed(
    repository,
    snapshots.filter((id) => !state.snapshots.has(id)),
  )) {
    await state.used.addTree(snapshot.tree, (blob) => {
      keepBlob(state, blob);
    });
    state.snapshots.add(id);
  }
}

/** A pack that is new, or that somebody has listed again, belongs to the index until a later plan says otherwise. */
function keepListedPacks({ table, decisions }: PruneState, files: ReadonlySet<string>): void {
  if (files.size === 0) return;
  for (const pack of table.packs) {
    if (decisions.get(pack)?.action !== 'repack' && pack.listedIn.some((name) => files.has(name))) {
      decisions.set(pack, { action: 'keep', reason: 'an index file that was added meanwhile lists it' });
    }
  }
}

/**
 * Sees to it that a blob has a copy in a pack that stays in the index. Throws BLOB_MISSING when it has none at all. A pack
 * that was to be repacked stays whole for it, which costs space and nothing else.
 */
export function keepBlob({ table, decisions }: PruneState, blob: number): void {
  let best: TablePack | null = null;
  for (const copy of table.copiesOf(blob)) {
    const pack = table.packOf(copy);
    const action = decisions.get(pack)?.action ?? 'keep';
    if (action === 'keep' || action === 'recover') return;
    if (action !== 'drop' && isWhole(pack) && (best === null || pack.listedIn.length > 0)) best = pack;
  }
  if (best === null) {
    const { type, id } = table.blobs.blobAt(blob);
    throw new PlatformError('BLOB_MISSING', `${describeBlob(type, id)} is needed and in no pack that is whole`);
  }
  const action = best.listedIn.length > 0 ? 'keep' : 'recover';
  decisions.set(best, { action, reason: 'a snapshot that was made meanwhile needs it' });
}
