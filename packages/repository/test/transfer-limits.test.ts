import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openStorage } from '../src/storage/open-storage.ts';
import type { StorageDescription } from '../src/storage/storage-description.ts';
import { shareLimits, type TransferLimits } from '../src/storage/transfer-limits.ts';
import { nameOf } from './storage-contract.ts';

const KiB = 1024;
const rate = 256 * KiB;
const limits = (changes: Partial<TransferLimits>) =>
  shareLimits({ up: [], down: [], connections: null, timeZone: 'UTC', ...changes });
const slow = [{ bytesPerSecond: rate, window: null }];

/** Reads files in several threads; returns how many bytes they read. */
async function readInThreads(storage: StorageDescription, names: readonly string[], threads: number): Promise<number> {
  const read = await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL('./transfer-worker.ts', import.meta.url), { workerData: { storage, names } });
      const [bytes] = (await once(worker, 'message')) as [number];
      await worker.terminate();
      return bytes;
    }),
  );
  return read.reduce((sum, bytes) => sum + bytes, 0);
}

/** A service that keeps what is put, and counts how many requests it has in work at a time. */
async function startService(): Promise<{ readonly location: string; most(): number }> {
  const objects = new Map<string, Buffer>();
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    open += 1;
    most = Math.max(most, open);
    const path = (request.url ?? '').replace(/\?.*/, '');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      setTimeout(() => {
        open -= 1;
        if (request.method === 'PUT') objects.set(path, Buffer.concat(chunks));
        response.writeHead(200, { etag: '"0123"' }).end(request.method === 'PUT' ? undefined : objects.get(path));
      }, 20);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
  return { location: `s3:http://127.0.0.1:${port}/bucket`, most: () => most };
}

/** The least time, in seconds, that the rate leaves for this many bytes: all but what may pass at once. */
const leastSeconds = (bytes: number): number => bytes / rate - 0.25;

describe('limits of transfers', () => {
  const data = randomBytes(100 * KiB);
  const name = nameOf(data);

  it.each(['folder', 'S3'])('hold down what threads read from a %s together', async (kind) => {
    const location =
      kind === 'S3' ? (await startService()).location : join(temporaryDirectoryForTest('limits'), 'repository');
    await openStorage(location).put('data', name, data);
    const started = performance.now();
    expect(await readInThreads({ location, limits: limits({ down: slow }) }, [name, name], 2)).toBe(400 * KiB);
    expect((performance.now() - started) / 1000).toBeGreaterThanOrEqual(leastSeconds(400 * KiB));
  });

  it.each(['folder', 'S3'])('hold down what goes up to a %s, and change none of it', async (kind) => {
    const location =
      kind === 'S3' ? (await startService()).location : join(temporaryDirectoryForTest('limits'), 'repository');
    const storage = openStorage({ location, limits: limits({ up: slow }) });
    const large = randomBytes(300 * KiB);
    const started = performance.now();
    await storage.put('data', nameOf(large), large);
    expect((performance.now() - started) / 1000).toBeGreaterThanOrEqual(leastSeconds(300 * KiB));
    expect((await openStorage(location).get('data', nameOf(large))).equals(large)).toBe(true);
  });

  it('keep the connections of all threads together to a number', async () => {
    const service = await startService();
    await openStorage(service.location).put('data', name, data);
    const names = Array.from({ length: 10 }, () => name);
    const read = await readInThreads({ location: service.location, limits: limits({ connections: 3 }) }, names, 2);
    expect(read).toBe(20 * data.byteLength);
    expect(service.most()).toBe(3);
  });

  it('are not needed: without them all is as fast as it can be', async () => {
    const service = await startService();
    await openStorage(service.location).put('data', name, data);
    await readInThreads(
      { location: service.location },
      Array.from({ length: 10 }, () => name),
      1,
    );
    expect(service.most()).toBeGreaterThan(3);
  });
});
