import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { borg } from './borg.ts';
import type { Engine } from './engine.ts';
import { findPrograms } from './find-program.ts';
import { kopia } from './kopia.ts';
import { ours as backupctl } from './ours.ts';
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
 * differ, each is a peer of its own, as Debian's restic beside a newer one. Ours is `shipped`, an unpacked archive's program,
 * or where that is null the checkout `root`; `also` are others of this project.
 */
export function findEngines(
  root: string,
  path: string,
  names: readonly string[],
  also: readonly string[],
  shipped: string | null,
): Engine[] {
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
  const ours = shipped === null ? checkout(root) : checkout(root, ' bundled', shipped);
  return [ours, ...also.map((folder) => checkout(folder, ` ${basename(folder)}`)), ...found.values()];
}

function checkout(root: string, label = '', program = join(root, 'node_modules/.bin/backupctl')): Engine {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  return backupctl(program, `${manifest.version}${label}`);
}
