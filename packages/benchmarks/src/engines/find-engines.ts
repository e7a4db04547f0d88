import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { borg } from './borg.ts';
import type { Engine } from './engine.ts';
import { findPrograms } from './find-program.ts';
import { kopia } from './kopia.ts';
import { ours } from './ours.ts';
import { restic } from './restic.ts';
import { rustic } from './rustic.ts';

interface Peer {
  readonly versionArgs: readonly string[];
  readonly create: (program: string, version: string) => Engine;
}

const peers: Readonly<Record<string, Peer>> = {
  restic: { versionArgs: ['version'], create: restic },
  rustic: { versionArgs: ['--version'], create: rustic },
  kopia: { versionArgs: ['--version'], create: kopia },
  borg: { versionArgs: ['--version'], create: borg },
};

/** Names of the peers that are looked for. */
export const peerNames: readonly string[] = Object.keys(peers);

/**
 * Our engine, and every peer in the folders of `path`: where several of them hold a program of one name and its versions
 * differ, each is a peer of its own, as Debian's restic beside a newer one. `root` is the checkout, `also` are others of
 * this project.
 */
export function findEngines(root: string, path: string, names: readonly string[], also: readonly string[]): Engine[] {
  const found = new Map<string, Engine>();
  for (const [name, { versionArgs, create }] of Object.entries(peers)) {
    if (!names.includes(name)) continue;
    for (const program of findPrograms(name, path)) {
      const { stdout, status } = spawnSync(program, versionArgs, { encoding: 'utf8' });
      const version = /\d+(?:\.\d+)+(?:-\w+)?/.exec(stdout)?.[0];
      if (status !== 0 || version === undefined) continue;
      const engine = create(program, version);
      if (!found.has(engine.name)) found.set(engine.name, engine);
    }
  }
  return [checkout(root), ...also.map((folder) => checkout(folder, ` ${basename(folder)}`)), ...found.values()];
}

function checkout(root: string, label = ''): Engine {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  return ours(join(root, 'node_modules/.bin/backupctl'), `${manifest.version}${label}`);
}
