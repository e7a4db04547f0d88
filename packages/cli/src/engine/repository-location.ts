import { PlatformError } from '@enterprise-backup/contracts/errors';
import { containsPath, pathsOverlap } from '../files/contains-path.ts';
import { realPath } from '../files/real-path.ts';

const isRemote = (location: string): boolean => location.startsWith('s3:');

/** Refuses a source that holds the repository: each backup would protect what it has just written. Throws REPOSITORY_INSIDE_SOURCE. */
export async function assertOutsideSource(location: string, source: string): Promise<void> {
  if (isRemote(location) || !containsPath(await realPath(source), await realPath(location))) return;
  throw new PlatformError('REPOSITORY_INSIDE_SOURCE', `the repository ${location} lies in the source ${source}`);
}

/** Refuses a target that is the repository, lies in it or holds it. Throws TARGET_INSIDE_REPOSITORY. */
export async function assertOutsideRepository(location: string, target: string): Promise<void> {
  if (isRemote(location) || !pathsOverlap(await realPath(target), await realPath(location))) return;
  throw new PlatformError('TARGET_INSIDE_REPOSITORY', `the target ${target} overlaps the repository ${location}`);
}
