import { randomBytes } from 'node:crypto';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { asBlobId, hashBytes, type BlobId, type BlobType } from '../../src/format/blob.ts';
import { IndexWriter } from '../../src/index/index-writer.ts';
import { PackBuilder } from '../../src/pack/pack-builder.ts';
import { openRepository } from '../../src/open-repository.ts';
import { saveSnapshot } from '../../src/snapshots.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { fileNode, password, snapshotOf } from '../crafted-repository.ts';

/**
 * Fills a repository with blobs of a KiB, and two snapshots that share a third of them: `<location>
 * <blobs>`. A third of each pack is needed by the first snapshot alone.
 */
const [, , location = '', blobs = ''] = process.argv;
const blobSize = 1024;
/** Packs of some 16 MiB, as a backup makes them. */
const blobsPerPack = 15_000;
const repository = await openRepository(openStorage(location), password, systemClock);
const index = new IndexWriter(repository);

async function storePack(type: BlobType, plaintexts: readonly Buffer[]): Promise<BlobId[]> {
  const builder = new PackBuilder(type, repository.key, repository.version);
  const ids = plaintexts.map((plaintext) => {
    const id = hashBytes(plaintext);
    builder.add(id, plaintext);
    return asBlobId(id.toString('hex'));
  });
  const { contents, data } = builder.finish();
  await repository.storage.put('data', contents.id, data);
  await index.add(contents);
  return ids;
}

const shares: [BlobId[], BlobId[], BlobId[]] = [[], [], []];
for (let made = 0; made < Number(blobs); made += blobsPerPack) {
  const ids = await storePack(
    'data',
    Array.from({ length: Math.min(blobsPerPack, Number(blobs) - made) }, () => randomBytes(blobSize)),
  );
  for (const [at, id] of ids.entries()) shares[(at % 3) as 0 | 1 | 2].push(id);
}
const [first, both, second] = shares;
for (const content of [
  [...first, ...both],
  [...both, ...second],
]) {
  // Folders of 20 files with 50 blobs each.
  const trees: Buffer[] = [];
  for (let from = 0; from < content.length; from += 1000) {
    const files = Array.from({ length: 20 }, (_, file) => {
      const ids = content.slice(from + file * 50, Math.min(from + 1000, from + file * 50 + 50));
      return fileNode(`file ${String(file).padStart(2, '0')}`, ids, ids.length * blobSize);
    });
    trees.push(Buffer.from(`${JSON.stringify({ nodes: files })}\n`));
  }
  const nodes = (await storePack('tree', trees)).map((subtree, folder) => ({
    ...(fileNode(`folder ${String(folder).padStart(6, '0')}`, [], 0) as object),
    type: 'dir',
    mode: 0x800001ed,
    content: null,
    subtree,
  }));
  const [tree] = await storePack('tree', [Buffer.from(`${JSON.stringify({ nodes })}\n`)]);
  if (tree !== undefined) await saveSnapshot(repository, snapshotOf(tree));
}
await index.flush();
