import { parentPort, workerData } from 'node:worker_threads';
import { openStorage } from '../src/storage/open-storage.ts';
import type { StorageDescription } from '../src/storage/storage-description.ts';

/** A thread that opens the storage it is given and reads files from it, all at once. Says when it is done. */
const { storage: description, names } = workerData as { storage: StorageDescription; names: readonly string[] };
const storage = openStorage(description);
const read = await Promise.all(names.map((name) => storage.get('data', name)));
parentPort?.postMessage(read.reduce((sum, data) => sum + data.byteLength, 0));
