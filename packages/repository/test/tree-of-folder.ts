import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { loadIndex } from '../src/index/load-index.ts';
import type { Repository } from '../src/repository.ts';
import { loadSnapshot } from '../src/snapshots.ts';
import { findFolder } from '../src/tree/find-folder.ts';
import { TreeReader } from '../src/tree/tree-reader.ts';

/** The id of a folder's tree in a point. The point's own tree has the folders above it, which change with each test's files. */
export async function treeOfFolder(repository: Repository, point: SnapshotId, folder: string): Promise<string | null> {
  const { tree } = await loadSnapshot(repository, point);
  return (await findFolder(new TreeReader(repository, await loadIndex(repository)), tree, folder))?.tree ?? null;
}
