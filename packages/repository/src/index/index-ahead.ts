import { inParallel } from '../in-parallel.ts';
import type { Storage } from '../storage/storage.ts';

/** Index files that are fetched at a time: enough to hide the way to S3, and few enough to hold in memory. */
export const fetchedAtATime = 4;
/**
 * Size of all index files, in bytes, up to which they are read ahead: about what arrives while the key is derived. A password
 * that turns out to be wrong waits for what is under way.
 */
const mostReadAhead = 8 * 1024 * 1024;

const readAhead = new WeakMap<Storage, Promise<ReadonlyMap<string, Buffer>>>();

/**
 * Begins to read the index files of a storage, sealed as they are: to be called while the key is derived. Which of the files
 * count is decided by `loadIndex` alone, under the lock of the operation. The name of a file is the hash of its content, so
 * what was read under a name before is what lies there then.
 */
export function readIndexAhead(storage: Storage): void {
  const reading = readFiles(storage);
  // Whatever fails now is asked for again, and fails then, by `loadIndex`.
  readAhead.set(
    storage,
    reading.catch(() => new Map()),
  );
}

/** What `readIndexAhead` has read of a storage, by name; each time but the first nothing. */
export async function takeIndexAhead(storage: Storage): Promise<ReadonlyMap<string, Buffer>> {
  const reading = readAhead.get(storage);
  readAhead.delete(storage);
  return (await reading) ?? new Map<string, Buffer>();
}

async function readFiles(storage: Storage): Promise<ReadonlyMap<string, Buffer>> {
  const names: string[] = [];
  let size = 0;
  for await (const file of storage.list('index')) {
    names.push(file.name);
    size += file.size;
  }
  if (size > mostReadAhead) return new Map();
  const files = new Map<string, Buffer>();
  const read = inParallel(names, fetchedAtATime, async (name) => ({ name, sealed: await storage.get('index', name) }));
  for await (const { name, sealed } of read) files.set(name, sealed);
  return files;
}
