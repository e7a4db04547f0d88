import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../files/system-error-code.ts';

/** Something below a folder. `path` is relative to it. */
export interface TreeEntry {
  readonly path: string;
  readonly stats: Stats;
}

/**
 * Everything below a folder, a folder before what it holds, names in order. Folders whose absolute path is in `leaveOut`
 * are left out with all that is below. What vanishes meanwhile is left out.
 */
export async function listTree(root: string, leaveOut: readonly string[] = []): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const name of (await readdir(join(root, folder))).sort()) {
      const path = join(folder, name);
      if (leaveOut.includes(join(root, path))) continue;
      const stats = await statsUnlessGone(join(root, path));
      if (stats === null) continue;
      entries.push({ path, stats });
      if (stats.isDirectory()) await visit(path);
    }
  };
  await visit('');
  return entries;
}

async function statsUnlessGone(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
