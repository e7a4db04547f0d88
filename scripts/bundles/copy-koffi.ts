import { cpSync, globSync, lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const SHIPPED_FILES = /\.(?:c?js|mjs|node)$|^package\.json$|^LICENSE/;
const LEFT_OUT_FOLDERS = ['doc', 'vendor', 'node_modules'];

/**
 * Copies koffi into `folder`/node_modules: what it needs to run, without sources and documents, and the binaries of
 * every platform that npm has installed here. Returns the names of those platform packages.
 *
 * @param root absolute path of the checkout
 */
export const copyKoffi = (root: string, folder: string): string[] => {
  const copy = (name: string): void => {
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), {
      recursive: true,
      filter: (source) =>
        lstatSync(source).isDirectory()
          ? !LEFT_OUT_FOLDERS.includes(basename(source))
          : SHIPPED_FILES.test(basename(source)),
    });
  };
  const platforms = globSync('@koromix/koffi-*/package.json', { cwd: join(root, 'node_modules') })
    .map(dirname)
    .toSorted();
  copy('koffi');
  for (const name of platforms) copy(name);
  return platforms;
};
