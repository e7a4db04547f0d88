import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { describe, expect, it } from 'vitest';
import { WorkerPool } from '../src/worker/worker-pool.ts';

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
