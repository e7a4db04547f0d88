import { createCipheriv } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import { serveRequests, throwIfStopped, workerInput } from '../src/worker/serve-requests.ts';

const size = (await workerInput()) as number;
const data = Buffer.alloc(size, 'some words that come again and again, ');
const params = { [constants.ZSTD_c_compressionLevel]: 3 };

/** Works in calls of native code, one after the other, also after the answer, as threads that store packs do. */
serveRequests<number, number>(async (rounds) => {
  for (let round = 0; round < rounds; round += 1) {
    throwIfStopped();
    work();
  }
  setImmediate(work);
  await Promise.resolve();
  return rounds;
});

function work(): void {
  const compressed = zstdCompressSync(data, { params });
  createCipheriv('aes-256-ctr', Buffer.alloc(32, 1), Buffer.alloc(16)).update(compressed);
}
