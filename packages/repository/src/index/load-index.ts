import { PlatformError } from '@enterprise-backup/contracts/errors';
import { decodeIndexFile } from '../format/index-file.ts';
import type { Repository } from '../repository.ts';
import { BlobIndex } from './blob-index.ts';

/**
 * Loads the union of all index files. List snapshots before, never after: a snapshot that is listed then has its blobs
 * in this index. Throws INDEX_DAMAGED for a file that cannot be read.
 */
export async function loadIndex(repository: Repository): Promise<BlobIndex> {
  const index = BlobIndex.create();
  for (const name of await repository.listNames('index')) {
    const packs = decodeIndexFile(await repository.loadUnpacked('index', name));
    if (packs === null) throw new PlatformError('INDEX_DAMAGED', `the index file ${name} is not a valid index`);
    for (const pack of packs) index.addPack(pack);
  }
  return index;
}
