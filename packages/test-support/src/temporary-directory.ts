import { chmodSync, lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder under the system's temporary folder. `path` is absolute and free of symbolic links. */
export interface TemporaryDirectory {
  readonly path: string;
  /** Removes the folder with everything in it, also what has mode 0 or a name that is not UTF-8; safe to repeat. */
  remove(): void;
}

/** Gives the owner full access to every folder below `folder`, so that what is in them can be removed. */
const openFolders = (folder: Buffer): void => {
  chmodSync(folder, 0o700);
  for (const name of readdirSync(folder, { encoding: 'buffer' })) {
    const path = Buffer.concat([folder, Buffer.from('/'), name]);
    if (lstatSync(path).isDirectory()) openFolders(path);
  }
};

/**
 * Makes an empty folder whose name starts with `prefix`. The caller removes it, for example in `afterAll`; inside one
 * test, {@link temporaryDirectoryForTest} is shorter.
 */
export const temporaryDirectory = (prefix: string): TemporaryDirectory => {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `${prefix}-`)));
  const removeTree = (): void => {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  };
  return {
    path,
    remove: () => {
      try {
        removeTree();
      } catch {
        openFolders(Buffer.from(path));
        removeTree();
      }
    },
  };
};

/** The path of an empty folder that is removed when the running test ends. For use inside `it`/`test` and `beforeEach`. */
export const temporaryDirectoryForTest = (prefix: string): string => {
  const directory = temporaryDirectory(prefix);
  onTestFinished(() => {
    directory.remove();
  });
  return directory.path;
};
