import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Absolute paths of all programs of a name in the folders of `path`, links resolved, each once. */
export function findPrograms(name: string, path: string): string[] {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const candidates = folders.map((folder) => join(folder, name)).filter(isExecutable);
  return [...new Set(candidates.map((candidate) => realpathSync(candidate)))];
}

/** The first of them; undefined when there is none. */
export function findProgram(name: string, path: string): string | undefined {
  return findPrograms(name, path).at(0);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
