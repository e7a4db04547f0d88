import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { TargetSettings } from '@enterprise-backup/contracts/systems';

/** Tells whether one of two absolute paths without `..` is the other or contains it. Links are the agent's to resolve. */
export function pathsOverlap(first: string, second: string): boolean {
  const a = asPrefix(first);
  const b = asPrefix(second);
  return a.startsWith(b) || b.startsWith(a);
}

/**
 * Refuses a target whose folder is a protected folder of the source, lies in one or contains one: the recovery would
 * overwrite what is protected. `sourcePaths` are where the point was taken and where the source lies now.
 * Throws TARGET_INSIDE_SOURCE.
 */
export function checkTargetLocation(target: TargetSettings, sourcePaths: readonly string[]): void {
  const overlapping = sourcePaths.find((path) => pathsOverlap(target.path, path));
  if (overlapping === undefined) return;
  throw new PlatformError('TARGET_INSIDE_SOURCE', `the target ${target.path} and the source ${overlapping} overlap`);
}

function asPrefix(path: string): string {
  return path === '/' ? path : `${path}/`;
}
