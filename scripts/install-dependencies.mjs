import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isInstalled, recordInstallation } from './installed-state.mjs';
import { StartupError } from './startup-error.mjs';

const OLDEST_NODE = 20;

/** The same on npm 10 and 11: nothing of the project needs an install script, so none is run. */
const NPM_ARGUMENTS = [
  'ci',
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--no-audit',
  '--no-fund',
  '--no-progress',
  '--loglevel=error',
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=10000',
];

const NETWORK_HINT =
  'Connect this machine to the npm registry (a proxy is set with `npm config set proxy URL`) and run the command again.';

/** Failures that npm names by a code of its own, with what a person can do. */
const NPM_FAILURES = [
  {
    npmCodes:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENETDOWN|ERR_SOCKET_TIMEOUT|FETCH_ERROR/,
    code: 'INSTALL_NO_NETWORK',
    sentence: 'the npm registry could not be reached',
    hint: NETWORK_HINT,
  },
  {
    npmCodes: /ENOSPC/,
    code: 'INSTALL_DISK_FULL',
    sentence: 'the disk is full',
    hint: 'Free at least 600 MB on the disk that holds this folder and run the command again.',
  },
  {
    npmCodes: /EACCES|EPERM|EROFS/,
    code: 'INSTALL_NOT_PERMITTED',
    sentence: 'npm may not write the folder node_modules or its own cache',
    hint: 'Run the command as the owner of this folder; the npm lines above name the path.',
  },
  {
    npmCodes: /EUSAGE/,
    code: 'INSTALL_LOCKFILE_MISMATCH',
    sentence: 'package.json and package-lock.json do not fit together',
    hint: 'Take both from the same commit, or run `npm install` if you changed a dependency.',
  },
];

/** npm as the person started it, and not by way of node_modules/.bin/node, which the installation replaces. */
const npmCommand = () => {
  const path = process.env.npm_execpath;
  if (path !== undefined && /npm-cli\.[cm]?js$/.test(path)) {
    return { command: process.env.npm_node_execpath ?? process.execPath, prefix: [path], shell: false };
  }
  return { command: 'npm', prefix: [], shell: process.platform === 'win32' };
};

const runNpm = (root) =>
  new Promise((resolve, reject) => {
    const { command, prefix, shell } = npmCommand();
    const binFolder = join(root, 'node_modules', '.bin');
    const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== binFolder);
    const child = spawn(command, [...prefix, ...NPM_ARGUMENTS], {
      cwd: root,
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: path.join(delimiter) },
    });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('error', (error) => {
      reject(
        error.code === 'ENOENT'
          ? new StartupError('INSTALL_NPM_MISSING', 'npm is not on this machine', 'Install npm, which comes with Node.')
          : error,
      );
    });
    child.once('close', (status, signal) => {
      resolve({ status, signal, output: Buffer.concat(chunks).toString('utf8') });
    });
  });

/**
 * Installs the dependencies of the checkout `root` when node_modules is absent or does not fit package-lock.json, with
 * one line about it on standard error. npm's output is shown only when it fails.
 *
 * @param {string} root absolute path of the checkout
 * @throws {StartupError} INSTALL_NODE_TOO_OLD, INSTALL_NPM_MISSING, INSTALL_NO_NETWORK, INSTALL_DISK_FULL,
 *   INSTALL_NOT_PERMITTED, INSTALL_LOCKFILE_MISMATCH, INSTALL_INTERRUPTED or INSTALL_FAILED
 */
export const installDependencies = async (root) => {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw new StartupError(
      'INSTALL_NODE_TOO_OLD',
      `this is Node ${process.versions.node}, and at least Node ${OLDEST_NODE} is needed to install the project`,
      `Install Node ${OLDEST_NODE} or newer; the project then brings the Node it runs with.`,
    );
  }
  if (isInstalled(root)) return;
  const folderIsThere = existsSync(join(root, 'node_modules'));
  process.stderr.write(
    folderIsThere
      ? 'The installed dependencies are not those of package-lock.json: installing them anew (about a minute).\n'
      : 'Installing dependencies into node_modules, once (about a minute).\n',
  );
  const { status, signal, output } = await runNpm(root);
  if (status === 0) {
    recordInstallation(root);
    return;
  }
  if (signal !== null) {
    throw new StartupError('INSTALL_INTERRUPTED', `npm was ended by ${signal}`, 'Run the command again.');
  }
  process.stderr.write(`${output.trimEnd()}\n`);
  const npmCodes = [...output.matchAll(/^npm (?:error|ERR!) code (\S+)/gm)].map((match) => match[1]).join(' ');
  const known = NPM_FAILURES.find((failure) => failure.npmCodes.test(npmCodes));
  if (known !== undefined) throw new StartupError(known.code, known.sentence, known.hint);
  throw new StartupError(
    'INSTALL_FAILED',
    `npm could not install the dependencies (exit code ${status})`,
    'The npm lines above say why; `npm ci` shows it again.',
  );
};
