import { PlatformError } from '@enterprise-backup/contracts/errors';
import { decodeIndexFile } from '../format/index-file.ts';
import { scanIndexFile } from '../format/index-scanner.ts';
import { inParallel } from '../in-parallel.ts';
import type { Repository } from '../repository.ts';
import { BlobIndex } from './blob-index.ts';

/** Index files that are fetched at a time: enough to hide the way to S3, and few enough to hold in memory. */
const fetched = 4;

/**
 * Loads the union of all index files. List snapshots before, never after: a snapshot that is listed then has its blobs
 * in this index. Throws INDEX_DAMAGED for a file that cannot be read.
 */
export async function loadIndex(repository: Repository): Promise<BlobIndex> {
  const index = BlobIndex.create();
  const names = await repository.listNames('index');
  let left = names.length;
  const files = inParallel(names, fetched, async (name) => ({
    name,
    json: await repository.loadUnpacked('index', name),
  }));
  for await (const { name, json } of files) {
    const scanned = scanIndexFile(json);
    if (scanned === null) addDecoded(index, name, json);
    // Index files are about as long as each other.
    else index.addScanned(scanned, index.size + scanned.blobCount * left);
    left -= 1;
  }
  return index;
}

function addDecoded(index: BlobIndex, name: string, json: Buffer): void {
  const packs = decodeIndexFile(json);
  if (packs === null) throw new PlatformError('INDEX_DAMAGED', `the index file ${name} is not a valid index`);
  for (const pack of packs) index.addPack(pack);
}
