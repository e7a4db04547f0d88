import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Sum of the sizes of all regular files below `folder`, in bytes. */
export function sizeOfTree(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += sizeOfTree(path);
    else if (entry.isFile()) sum += lstatSync(path).size;
  }
  return sum;
}
