import { realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';

/** Where an absolute path really leads: symbolic links resolved as far as they can be, the rest as written. */
export async function realLocation(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (path === dirname(path)) throw error;
    return join(await realLocation(dirname(path)), basename(path));
  }
}

/** Whether `path` is `folder` or lies below it. Both are absolute and real. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The folder of a repository, where it really lies, or null when it lies elsewhere than in a folder of this machine. */
export async function repositoryFolder(location: string): Promise<string | null> {
  return location.startsWith('/') ? realLocation(location) : null;
}
