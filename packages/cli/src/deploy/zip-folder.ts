import { globSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { zipSync, type Zippable } from 'fflate';

/** Unix, and a file that all may read: Lambda runs as a user of its own. */
const attributes = { os: 3, attrs: 0o100644 << 16 } as const;

/** The files of a folder as a zip archive. The same files give the same bytes, whenever and wherever. */
export function zipFolder(folder: string): Buffer {
  // In local time, since the archive holds local time and the library converts to it.
  const mtime = new Date(1980, 0, 1);
  const files: Zippable = {};
  for (const path of globSync('**', { cwd: folder }).toSorted()) {
    const file = join(folder, path);
    if (statSync(file).isFile()) {
      files[path.split(sep).join('/')] = [readFileSync(file), { ...attributes, mtime, level: 9 }];
    }
  }
  return Buffer.from(zipSync(files));
}
