import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './install-dependencies.mjs';
import { findPinnedNode } from './pinned-node.mjs';
import { runChild } from './run-child.mjs';
import { StartupError } from './startup-error.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Installs what is missing, then runs a TypeScript file of the project with the pinned Node and makes its exit code this
 * process's. A StartupError is shown as code, sentence and hint, with exit code 1.
 *
 * @param {string} file path in the checkout, as `packages/cli/src/main.ts`
 * @param {string[]} args
 */
export const runPinned = async (file, args) => {
  try {
    await installDependencies(root);
    const node = findPinnedNode(root);
    const PATH = [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
    process.exitCode = await runChild(node, ['--disable-warning=ExperimentalWarning', join(root, file), ...args], {
      env: { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'), ...process.env, PATH },
    });
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    process.stderr.write(`error ${error.name}: ${error.message}\nhint: ${error.hint}\n`);
    process.exitCode = 1;
  }
};
