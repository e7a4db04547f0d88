import type { SourceSystem } from '@enterprise-backup/contracts/systems';
import { basename } from 'node:path';

/** Name of the source system that the working copy of this checkout is. */
export const workingCopySource = 'this-checkout';

/** Name of the target system for the request that the documentation shows. */
export const documentedTarget = 'prod-db-01';

/** Name of the target system that each run points at a fresh folder. */
export const freshTarget = 'fresh-folder';

const longestName = 63;

/**
 * Name of the source system for a person's own folder: the one under which it is registered, else the folder's name, with a
 * number behind it where another folder has that name.
 */
export function nameOwnSource(path: string, registered: readonly SourceSystem[]): string {
  const known = registered.find(({ settings }) => settings.path === path);
  if (known !== undefined) return known.source_system;
  const cleaned = basename(path)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  const name = (cleaned === '' ? 'folder' : cleaned).slice(0, longestName - 4);
  const taken = new Set([workingCopySource, ...registered.map(({ source_system }) => source_system)]);
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}
