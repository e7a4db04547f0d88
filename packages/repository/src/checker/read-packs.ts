import { availableParallelism } from 'node:os';
import { toPlatformError } from '@enterprise-backup/contracts/errors';
import type { PackContents } from '../format/blob.ts';
import { throwIfAborted } from '../pauses.ts';
import type { Repository } from '../repository.ts';
import { workerEntry } from '../worker/worker-entry.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import type { PackFaults } from './check-pack.ts';
import type { CheckWorkerData } from './check-worker.ts';

/**
 * Reads packs whole, in threads, and checks every byte of them. `onRead` gets each pack with what is wrong with it; a
 * pack that is gone is a fault. Throws CANCELLED or a STORAGE_ error.
 */
export async function readPacks(
  repository: Repository,
  packs: AsyncIterable<PackContents>,
  signal: AbortSignal,
  onRead: (pack: PackContents, faults: PackFaults) => void | Promise<void>,
): Promise<void> {
  const data: CheckWorkerData = { storage: repository.storage.description, key: repository.key };
  const pool = new WorkerPool<PackContents, PackFaults, never>(
    workerEntry(import.meta.url, './check-worker.ts'),
    data,
    availableParallelism(),
    () => undefined,
  );
  const running = new Set<Promise<void>>();
  let failure: unknown = null;
  try {
    for await (const pack of packs) {
      throwIfAborted(signal);
      await pool.capacity();
      const ended = pool
        .run(pack)
        .then((faults) => onRead(pack, faults))
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => running.delete(ended));
      running.add(ended);
      if (failure !== null) break;
    }
    await Promise.all(running);
    if (failure !== null) throw toPlatformError(failure);
  } catch (error) {
    throwIfAborted(signal);
    throw toPlatformError(error);
  } finally {
    await pool.terminate();
  }
}
