import { PlatformError } from '@enterprise-backup/contracts/errors';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../files/system-error-code.ts';
import type { StartPlaces } from './start-places.ts';

/** Names of the folders that a start recovers into: `backup-3`, and `backup-3-2` where there is one of another catalog. */
const ownNames = /^backup-\d+(-\d+)?$/;

/**
 * The path of a folder that does not exist yet, for a recovery of `backupId`; the folder above it is made. In the data
 * folder the recoveries of earlier starts are removed first, since each is a whole copy of the source; in a folder of the
 * person nothing is ever removed. Throws TARGET_NOT_WRITABLE.
 */
export async function chooseFreshFolder(places: StartPlaces, backupId: string): Promise<string> {
  const { recovered, recoveredIsOwn } = places;
  try {
    await mkdir(recovered, { recursive: true });
    const names = await readdir(recovered);
    if (recoveredIsOwn) return join(recovered, firstFreeName(backupId, new Set(names)));
    for (const name of names.filter((candidate) => ownNames.test(candidate))) {
      await rm(join(recovered, name), { recursive: true, force: true });
    }
    return join(recovered, backupId);
  } catch (error) {
    throw new PlatformError('TARGET_NOT_WRITABLE', `${recovered} cannot be written to (${systemErrorCode(error)})`, {
      cause: error,
    });
  }
}

function firstFreeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}
