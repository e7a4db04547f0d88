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
import type { IndexRequest, IndexResponse, IndexWorkerData } from './index-worker.ts';

/** Index files that are fetched at a time: enough to hide the way to S3, and few enough to hold in memory. */
const fetchedAtATime = 4;
/** Size of all index files, in bytes, from which on threads read them: some half a million blobs. Below, starting them takes longer. */
const worthThreads = 24 * 1024 * 1024;

/**
 * Loads the union of all index files. List snapshots before, never after: a snapshot that is listed then has its blobs
 * in this index. Throws INDEX_DAMAGED for a file that cannot be read.
 */
export async function loadIndex(repository: Repository): Promise<BlobIndex> {
  const files: StoredFile[] = [];
  for await (const file of repository.storage.list('index')) files.push(file);
  const names = files.map(({ name }) => name).sort();
  const index = BlobIndex.create();
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size < worthThreads) await addFiles(repository, index, names);
  else await addFilesInThreads(repository, index, names);
  return index;
}

async function addFiles(repository: Repository, index: BlobIndex, names: readonly string[]): Promise<void> {
  const contents = inParallel(names, fetchedAtATime, async (name) => ({
    name,
    json: await repository.loadUnpacked('index', name),
  }));
  for await (const { name, json } of contents) {
    const scanned = scanIndexFile(json);
    if (scanned === null) addDecoded(index, name, json);
    else index.addCopies(index.addScanned(scanned, index.size + scanned.blobCount));
    releaseMemory(json);
  }
}

/** Each thread adds what it has read to the index, which they share. */
async function addFilesInThreads(repository: Repository, index: BlobIndex, names: readonly string[]): Promise<void> {
  const { storage, key, config, version } = repository;
  const data: IndexWorkerData = {
    storage: storage.description,
    key,
    config: { ...config, version },
    index: index.shared,
  };
  const threads = availableParallelism();
  const pool = new WorkerPool<IndexRequest, IndexResponse, never>(
    workerEntry(import.meta.url, './index-worker.ts'),
    data,
    threads,
    () => undefined,
  );
  try {
    const requests = names.map((name, at) => ({ name, left: names.length - at }));
    const responses = inParallel(requests, threads * 2, async (request) => ({
      name: request.name,
      copies: await pool.run(request),
    }));
    for await (const { name, copies } of responses) {
      if (copies === null) addDecoded(index, name, await repository.loadUnpacked('index', name));
      else index.addCopies(copies);
    }
  } finally {
    await pool.terminate();
  }
}

function addDecoded(index: BlobIndex, name: string, json: Buffer): void {
  const packs = decodeIndexFile(json);
  if (packs === null) throw new PlatformError('INDEX_DAMAGED', `the index file ${name} is not a valid index`);
  for (const pack of packs) index.addPack(pack);
}
