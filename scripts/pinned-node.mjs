import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from './startup-error.mjs';

/** The project runs TypeScript by type stripping and uses node:sqlite and zstd, which are mature from here on. */
const NEEDED_NODE = 24;

const major = (version) => Number.parseInt(version.replace(/^v/, ''), 10);

const versionOf = (node) => {
  try {
    return execFileSync(node, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
};

/**
 * Links node_modules/.bin/node to the platform package's Node. npm 11 does so itself; npm 10 leaves this one link out, and
 * every program of node_modules/.bin would then run with the machine's Node.
 */
const linkIntoBin = (root) => {
  const platformPackage = `node-${process.platform}-${process.arch}`;
  const target = join('..', platformPackage, 'bin', 'node');
  const bin = join(root, 'node_modules', '.bin');
  if (existsSync(join(bin, 'node')) || !existsSync(join(bin, target))) return;
  symlinkSync(target, join(bin, 'node'));
};

/**
 * The Node that runs the project: the one pinned in package.json, linked as node_modules/.bin/node where a platform
 * package exists for this machine, else this process's own when it is new enough. A pinned Node that cannot run here (it
 * needs glibc) is taken out of node_modules/.bin, since npm would find it there first.
 *
 * @param {string} root absolute path of the checkout
 * @returns {string} absolute path of a Node of version 24 or newer
 * @throws {StartupError} NODE_NOT_AVAILABLE
 */
export const findPinnedNode = (root) => {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  linkIntoBin(root);
  if (existsSync(pinned)) {
    if (realpathSync(pinned) === process.execPath) return pinned;
    const version = versionOf(pinned);
    if (version !== undefined && major(version) >= NEEDED_NODE) return pinned;
    rmSync(pinned, { force: true });
  }
  if (major(process.versions.node) >= NEEDED_NODE) return process.execPath;
  throw new StartupError(
    'NODE_NOT_AVAILABLE',
    `no Node ${NEEDED_NODE} for ${process.platform}-${process.arch} comes with the project, and this machine's is ${process.versions.node}`,
    `Install Node ${NEEDED_NODE} or newer and run the command again.`,
  );
};
