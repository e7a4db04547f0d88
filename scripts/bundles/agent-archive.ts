import { createWriteStream, globSync, lstatSync, readFileSync, renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { lockedPackage } from './locked-package.ts';
import type { Bundle } from './make-bundle.ts';
import { tarParts, type TarFile } from './write-tar.ts';

/** Architectures by the name that `uname -m` gives, with the name that packages use. */
export const architectures = { aarch64: 'arm64', x86_64: 'x64' } as const;
export type Architecture = keyof typeof architectures;

/** An archive that an instance unpacks into /opt/backup-agent. */
export interface AgentArchive {
  /** File name, such as `agent-aarch64.tar.gz`. */
  readonly name: string;
  readonly bytes: number;
}

const files = (folder: string, target: string, isTaken: (path: string) => boolean = () => true): TarFile[] =>
  globSync('**', { cwd: folder })
    .filter((path) => lstatSync(join(folder, path)).isFile() && isTaken(path))
    .map((path) => ({
      path: `${target}/${path}`,
      content: readFileSync(join(folder, path)),
      isExecutable: path.endsWith('.sh'),
    }));

/**
 * What the archive of an agent holds: `agent/` with the bundle and koffi's binary, `bin/backupctl`, which starts the
 * bundle's `backupctl repository`, `node/`, the pinned Node for Linux, and `machine/` with the installer and what it installs.
 *
 * @param root absolute path of the checkout
 * @param bundle the bundle of the agent, made before
 * @throws Error when a package for the architecture cannot be had
 */
export const agentFiles = (root: string, bundle: Bundle, architecture: Architecture): TarFile[] => {
  const platform = `linux-${architectures[architecture]}`;
  const koffi = `@koromix/koffi-${platform}`;
  const launcher = readFileSync(join(root, 'packages/cli/bin/backupctl.sh'));
  return [
    ...files(bundle.folder, 'agent', (path) => !path.startsWith('node_modules/@koromix/')),
    ...files(
      lockedPackage(root, koffi),
      `agent/node_modules/${koffi}`,
      (path) => !path.startsWith('musl') && /\.(?:js|node)$|^package\.json$|^LICENSE/.test(basename(path)),
    ),
    ...files(lockedPackage(root, `node-${platform}`), 'node', (path) => path === 'bin/node' || path === 'LICENSE').map(
      (file) => ({ ...file, isExecutable: file.path === 'node/bin/node' }),
    ),
    { path: 'bin/backupctl', content: launcher, isExecutable: true },
    ...files(join(root, 'packages/agent/machine'), 'machine'),
  ];
};

/**
 * Writes `dist`/agent-ARCHITECTURE.tar.gz with what `agentFiles` gives. The same input gives the same bytes, on machines of
 * one architecture: zlib compresses in another way on another. Throws what `agentFiles` throws.
 */
export const makeAgentArchive = async (
  root: string,
  bundle: Bundle,
  architecture: Architecture,
  dist: string,
): Promise<AgentArchive> => {
  const name = `agent-${architecture}.tar.gz`;
  const beside = join(dist, `.${name}.part`);
  await pipeline(
    Readable.from(tarParts(agentFiles(root, bundle, architecture))),
    createGzip(),
    createWriteStream(beside),
  );
  renameSync(beside, join(dist, name));
  return { name, bytes: statSync(join(dist, name)).size };
};
