import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of all regular files below `folder`, relative to it, sorted by bytes of UTF-16. */
export function listFiles(folder: string): string[] {
  const found: string[] = [];
  const enter = (inner: string): void => {
    for (const entry of readdirSync(join(folder, inner), { withFileTypes: true })) {
      const path = join(inner, entry.name);
      if (entry.isDirectory()) enter(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  enter('');
  return found.sort();
}
