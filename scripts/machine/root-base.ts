import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const cache = resolve(import.meta.dirname, '../../node_modules/.cache');

const run = (program: string, args: readonly string[]): void => {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) throw new Error(`${program} failed:\n${`${stdout}${stderr}`.slice(-2000)}`);
};

/**
 * The tree of a fresh minimal system of this machine's release, which debootstrap makes at the first call: one to two
 * minutes, most of it downloads. Later calls find it under node_modules/.cache.
 *
 * @throws Error where debootstrap cannot be had or fails
 */
export const debootstrapTree = (): string => {
  const release = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (release === undefined) throw new Error('this system has no release that debootstrap knows');
  const folder = join(cache, `machine-root-${release}`);
  if (existsSync(folder)) return folder;
  if (spawnSync('debootstrap', ['--version']).error !== undefined) run('apt-get', ['install', '--yes', 'debootstrap']);
  mkdirSync(cache, { recursive: true });
  const beside = `${folder}-${process.pid}`;
  try {
    run('debootstrap', ['--variant=minbase', '--include=python3', release, beside]);
    renameSync(beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  return folder;
};

/** What a new root is made of: `MACHINE_ROOT=debootstrap` asks for a fresh system, else it has this machine's programs. */
export const rootBase = (): string | null => (process.env['MACHINE_ROOT'] === 'debootstrap' ? debootstrapTree() : null);
