import { PlatformError } from '@enterprise-backup/contracts/errors';
import { checkPack } from '../checker/check-pack.ts';
import type { SealingKey } from '../crypto/sealing.ts';
import { isDamage } from '../damage.ts';
import type { FinishedPack } from '../pack/pack-builder.ts';
import type { Storage } from '../storage/storage.ts';

/**
 * Makes sure that a pack which was just stored has arrived: every blob of it is opened and compared with its id, in the
 * bytes that the storage gives back, or, when these are not read, in those that were sent. Nothing lists the pack yet, so
 * one that is wrong is never used. Throws PACK_DAMAGED or a STORAGE_ error.
 */
export async function verifyStoredPack(
  storage: Storage,
  key: SealingKey,
  pack: FinishedPack,
  readBack: boolean,
): Promise<void> {
  const { id, blobs: listed } = pack.contents;
  const data = readBack ? await readStored(storage, pack) : pack.data;
  const { faults, blobs } = await checkPack(key, { id, blobs: [...listed] }, data);
  const [fault] = [...faults, ...blobs.map(({ reason }) => reason)];
  if (fault === undefined) return;
  throw new PlatformError('PACK_DAMAGED', `the new pack ${id} is not whole at ${storage.location}: ${fault}`);
}

async function readStored(storage: Storage, { contents }: FinishedPack): Promise<Buffer> {
  try {
    return await storage.get('data', contents.id);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const sentence = `the new pack ${contents.id} cannot be read back from ${storage.location}`;
    throw new PlatformError('PACK_DAMAGED', sentence, { cause: error });
  }
}
