import { once } from 'node:events';
import { join } from 'node:path';
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { bringIntoMemory } from '../data/bring-into-memory.ts';
import { listFiles } from '../data/list-files.ts';
import type { FloorInput, FloorPart } from './floor-worker.ts';

/** What a machine needs at least for the bytes of a workload. */
export interface Floor {
  readonly workload: string;
  readonly files: number;
  readonly bytes: number;
  /** What is left of the bytes after compression, which is what gets encrypted. */
  readonly compressed_bytes: number;
  readonly parts: readonly { readonly name: FloorPart; readonly seconds: number }[];
}

/** In the order in which a backup does them. */
const parts: readonly FloorPart[] = ['read', 'SHA-256', 'zstd', 'AES-CTR', 'Poly1305'];

/**
 * Measures what a backup of the files in `folder` cannot do without, each part alone on `cores` threads: reading the
 * files, SHA-256 and zstd at our level of pieces of at most 1 MiB, AES-256-CTR and Poly1305 of what zstd leaves, each by
 * the fastest way that is known for Node, which is the engine's own: what is made once there is made once here. The
 * seconds of a part are those that a thread spends on it, on average; what loads the bytes for it is not counted.
 */
export async function measureFloor(workload: string, folder: string, cores: number): Promise<Floor> {
  const files = listFiles(folder).map((path) => join(folder, path));
  const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
  const measured = [];
  let compressedBytes = 0;
  bringIntoMemory(folder);
  for (const name of parts) {
    const answers = await Promise.all(share(files, cores).map((own) => inThread({ part: name, files: own })));
    const seconds = answers.reduce((sum, answer) => sum + answer.seconds, 0) / cores;
    if (name === 'zstd') compressedBytes = answers.reduce((sum, answer) => sum + answer.compressedBytes, 0);
    measured.push({ name, seconds });
  }
  return { workload, files: files.length, bytes, compressed_bytes: compressedBytes, parts: measured };
}

/** Every so many-th file for each thread; a single large file is read by all of them, each its part. */
function share(files: readonly string[], cores: number): FloorInput['files'][] {
  if (files.length >= cores) {
    return Array.from({ length: cores }, (_, core) =>
      files.filter((_file, number) => number % cores === core).map((path) => ({ path, from: 0, to: 1 })),
    );
  }
  return Array.from({ length: cores }, (_, core) =>
    files.map((path) => ({ path, from: core / cores, to: (core + 1) / cores })),
  );
}

async function inThread(input: FloorInput): Promise<{ readonly seconds: number; readonly compressedBytes: number }> {
  const worker = new Worker(new URL('./floor-worker.ts', import.meta.url), { workerData: input });
  // Waited for from now on: the thread may have ended by the time that its answer is looked at.
  const ended = once(worker, 'exit');
  const [answer] = (await once(worker, 'message')) as [{ readonly seconds: number; readonly compressedBytes: number }];
  await ended;
  return answer;
}
