import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { describe, expect, it } from 'vitest';
import { WorkerPool } from '../src/worker/worker-pool.ts';
import type { AheadRequest, AheadResponse } from './ahead-worker.ts';

const entry = new URL('./pool-worker.ts', import.meta.url);
const newPool = (size = 64 * 1024) => new WorkerPool<number, number, never>(entry, size, 2, () => undefined);

describe('a pool of threads', () => {
  it('answers each request', async () => {
    const pool = newPool();
    expect(await Promise.all([1, 2, 3, 4, 5].map((rounds) => pool.run(rounds)))).toEqual([1, 2, 3, 4, 5]);
    await pool.terminate();
  });

  it('ends at any time, while threads load, work, or have just answered, and rejects what is not done', async () => {
    const seed = randomInt(1000);
    for (let turn = 0; turn < 40; turn += 1) {
      const pool = newPool();
      const requests = Promise.allSettled([3, 1000, 2, 1000].map((rounds) => pool.run(rounds)));
      await pause(((seed + turn * 37) % 100) * (turn % 2));
      if (turn % 4 === 3) await pool.run(1).catch(() => undefined);
      const reason = new PlatformError('CANCELLED', `turn ${turn} of seed ${seed}`);
      await pool.terminate(reason);
      for (const settled of await requests) {
        if (settled.status === 'rejected') expect(settled.reason).toBe(reason);
      }
      await expect(pool.run(1)).rejects.toBe(reason);
    }
  });

  it('ends a second time without waiting for anything', async () => {
    const pool = newPool();
    await pool.run(1);
    await pool.terminate();
    await pool.terminate();
  });
});

describe('a thread that begins with requests ahead', () => {
  const newAheadPool = () =>
    new WorkerPool<AheadRequest, AheadResponse, never>(
      new URL('./ahead-worker.ts', import.meta.url),
      null,
      1,
      () => undefined,
    );

  it('begins with the next one while one is in work, and works on each once it has begun, in order', async () => {
    const pool = newAheadPool();
    const first = pool.run({ name: 'first', work: 50 });
    const second = pool.run({ name: 'second', work: 0 });
    expect(await first).toEqual(['first begun', 'second begun', 'first in work with what first began', 'first done']);
    expect((await second).slice(4)).toEqual(['second in work with what second began', 'second done']);
    await pool.terminate();
  });

  it('fails a request that cannot begin in its turn, and not before', async () => {
    const pool = newAheadPool();
    const first = pool.run({ name: 'first', work: 50 });
    const second = pool.run({ name: 'second', work: 0, failsToBegin: true });
    // Seen as handled from the start; its outcome is looked at below.
    second.catch(() => undefined);
    expect(await first).toContain('second begun');
    await expect(second).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', message: 'second could not begin' });
    await pool.terminate();
  });
});
