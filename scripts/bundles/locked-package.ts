import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

const isInstalled = (folder: string, version: string): boolean =>
  existsSync(join(folder, 'package.json')) &&
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version === version;

/** Throws Error unless `bytes` are those that the lockfile pins. */
export const checkIntegrity = (name: string, bytes: Buffer, integrity: string): void => {
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (found !== integrity)
    throw new Error(`${name} has the integrity ${found}, and package-lock.json says ${integrity}`);
};

/**
 * The folder of a package in the version that package-lock.json pins: the installed one, or, since npm installs only what
 * fits this machine's platform, one that npm fetches and that is kept under node_modules/.cache.
 *
 * @param root absolute path of the checkout
 * @throws Error when it is not in the lockfile, cannot be fetched, or is not the one that the lockfile pins
 */
export const lockedPackage = (root: string, name: string): string => {
  const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  const { version, integrity } = lockfile.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) throw new Error(`${name} is not in package-lock.json`);
  const installed = join(root, 'node_modules', name);
  if (isInstalled(installed, version)) return installed;
  const kept = join(root, 'node_modules/.cache/packages', `${name.replace('/', '+')}-${version}`);
  if (isInstalled(kept, version)) return kept;
  // Made aside and renamed: two builds may get here at once, and one may be killed.
  mkdirSync(join(kept, '..'), { recursive: true });
  const beside = mkdtempSync(`${kept}-`);
  try {
    const fetchArguments = ['pack', `${name}@${version}`, '--silent', `--pack-destination=${beside}`];
    execFileSync('npm', fetchArguments, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    const [archive] = globSync('*.tgz', { cwd: beside });
    if (archive === undefined) throw new Error(`npm fetched no archive of ${name}@${version}`);
    checkIntegrity(name, readFileSync(join(beside, archive)), integrity);
    execFileSync('tar', ['-xzf', archive], { cwd: beside });
    rmSync(kept, { recursive: true, force: true });
    renameSync(join(beside, 'package'), kept);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  return kept;
};
