import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SourceSettings, TargetSettings } from '@enterprise-backup/contracts/systems';

/** Tells whether one of two absolute paths without `..` is the other or contains it. Links are the agent's to resolve. */
export function pathsOverlap(first: string, second: string): boolean {
  const a = asPrefix(first);
  const b = asPrefix(second);
  return a.startsWith(b) || b.startsWith(a);
}

/**
 * Refuses a target whose folder is the source's folder, lies in it or contains it: the recovery would overwrite what is
 * protected. `sourcePath` is where the point was taken, which may differ from the source's settings of today.
 * Throws TARGET_INSIDE_SOURCE.
 */
export function checkTargetLocation(target: TargetSettings, source: SourceSettings, sourcePath: string): void {
  for (const path of new Set([source.path, sourcePath])) {
    if (pathsOverlap(target.path, path)) {
      throw new PlatformError(
        'TARGET_INSIDE_SOURCE',
        `the target ${target.path} overlaps the protected folder ${path}`,
      );
    }
  }
}

function asPrefix(path: string): string {
  return path === '/' ? path : `${path}/`;
}
