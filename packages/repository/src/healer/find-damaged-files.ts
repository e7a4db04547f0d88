import { throwIfAborted } from '../pauses.ts';
import type { Repository } from '../repository.ts';
import { describeFile } from '../storage/storage.ts';
import type { HealedFile } from './heal-plan.ts';
import { readWholeFile, type FileName } from './whole-file.ts';

/**
 * Finds damaged files other than packs. A config that is gone is one; so is the key file that opened the copy when the
 * repository has no usable key left. Other files that are gone leave no trace here. Throws CANCELLED or a STORAGE_ error.
 */
export async function findDamagedFiles(
  repository: Repository,
  copy: Repository,
  signal: AbortSignal,
): Promise<HealedFile[]> {
  const damaged: HealedFile[] = [];
  const look = async ({ type, name }: FileName): Promise<boolean> => {
    throwIfAborted(signal);
    const read = await readWholeFile(repository, { type, name });
    if (typeof read !== 'string') return true;
    damaged.push({ type, name, reason: `${describeFile(type, name)} ${read}` });
    return false;
  };
  await look({ type: 'config', name: 'config' });
  let usableKeys = 0;
  for (const name of await repository.listNames('keys')) if (await look({ type: 'keys', name })) usableKeys += 1;
  if (usableKeys === 0 && !damaged.some(({ type, name }) => type === 'keys' && name === copy.keyName)) {
    const reason = 'the repository has no key file that can be used';
    damaged.push({ type: 'keys', name: copy.keyName, reason });
  }
  for (const type of ['index', 'snapshots'] as const) {
    for (const name of await repository.listNames(type)) await look({ type, name });
  }
  return damaged;
}
