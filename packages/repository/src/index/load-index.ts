import { availableParallelism } from 'node:os';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { decodeIndexFile } from '../format/index-file.ts';
import { scanIndexFile } from '../format/index-scanner.ts';
import { inParallel } from '../in-parallel.ts';
import { releaseMemory } from '../release-memory.ts';
import type { Repository } from '../repository.ts';
import type { StoredFile } from '../storage/storage.ts';
import { workerEntry } from '../worker/worker-entry.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import { BlobIndex } from './blob-index.ts';
import { fetchedAtATime, takeIndexAhead } from './index-ahead.ts';
import type { IndexRequest, IndexResponse, IndexWorkerData } from './index-worker.ts';
import { openIndexFile } from './open-index-file.ts';

/**
 * Size of all index files, in bytes, from which on threads are started to open them: some half a million blobs. Below, starting
 * them takes longer.
 */
const worthThreads = 24 * 1024 * 1024;

/**
 * Loads the union of all index files. List snapshots before, never after: a snapshot that is listed then has its blobs
 * in this index. Throws INDEX_DAMAGED for a file that cannot be read.
 */
export async function loadIndex(repository: Repository): Promise<BlobIndex> {
  const ahead = await takeIndexAhead(repository.storage);
  const files: StoredFile[] = [];
  for await (const file of repository.storage.list('index')) files.push(file);
  const names = files.map(({ name }) => name).sort();
  const index = BlobIndex.create();
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const get = async (name: string) => ahead.get(name) ?? (await repository.storage.get('index', name));
  if (size < worthThreads) await addFiles(repository, index, names, get);
  else await addFilesInThreads(repository, index, names, get);
  return index;
}

/** Reads the bytes of an index file. */
type GetFile = (name: string) => Promise<Buffer>;

async function addFiles(
  repository: Repository,
  index: BlobIndex,
  names: readonly string[],
  get: GetFile,
): Promise<void> {
  const contents = inParallel(names, fetchedAtATime, async (name) => {
    const json = openIndexFile(repository, name, await get(name));
    return { name, json: json ?? (await repository.loadUnpacked('index', name)) };
  });
  for await (const { name, json } of contents) {
    const scanned = scanIndexFile(json);
    if (scanned === null) addDecoded(index, name, json);
    else index.addCopies(index.addScanned(scanned, index.size + scanned.blobCount));
    releaseMemory(json);
  }
}

/**
 * Each thread adds what it has opened to the index, which they share. Files are read here: a client of S3 in each thread takes
 * longer to load.
 */
async function addFilesInThreads(
  repository: Repository,
  index: BlobIndex,
  names: readonly string[],
  get: GetFile,
): Promise<void> {
  const data: IndexWorkerData = { key: repository.key, version: repository.version, index: index.shared };
  const threads = availableParallelism();
  const pool = new WorkerPool<IndexRequest, IndexResponse, never>(
    workerEntry(import.meta.url, './index-worker.ts'),
    data,
    threads,
    () => undefined,
  );
  try {
    const requests = names.map((name, at) => ({ name, left: names.length - at }));
    const responses = inParallel(requests, Math.max(fetchedAtATime, threads * 2), async ({ name, left }) => {
      const sealed = await get(name);
      return { name, copies: await pool.run({ name, sealed, left }, transferable(sealed)) };
    });
    for await (const { name, copies } of responses) {
      if (copies === null) addDecoded(index, name, await repository.loadUnpacked('index', name));
      else index.addCopies(copies);
    }
  } finally {
    await pool.terminate();
  }
}

/** The memory of bytes that have it to themselves. */
function transferable({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}

function addDecoded(index: BlobIndex, name: string, json: Buffer): void {
  const packs = decodeIndexFile(json);
  if (packs === null) throw new PlatformError('INDEX_DAMAGED', `the index file ${name} is not a valid index`);
  for (const pack of packs) index.addPack(pack);
}
