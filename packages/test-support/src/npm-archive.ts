import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(import.meta.dirname, '../../../node_modules/.cache');

/** The unpacked content of a package, or the reason why it cannot be had. */
export interface NpmArchive {
  readonly folder: string | null;
  readonly absence: string | null;
}

/**
 * Unpacks one version of a package into node_modules/.cache, without what it depends on and without installing it: for
 * data that tests read. The first call on a machine fetches it from the npm registry.
 *
 * @param integrity the package's hash as the registry gives it, `sha512-…`
 */
export const npmArchive = async (name: string, version: string, integrity: string): Promise<NpmArchive> => {
  const folder = join(cache, `${name.replace('/', '-')}-${version}`);
  if (existsSync(folder)) return { folder, absence: null };
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetching-'));
  try {
    const packed = await run('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${version}`], {
      cwd: work,
    });
    const archive = join(work, packed.stdout.trim().split('\n').at(-1) ?? '');
    const hash = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (hash !== integrity) return { folder: null, absence: `${name} ${version} is not the one that is expected` };
    await run('tar', ['-xzf', archive, '-C', work]);
    // Another process may have been faster, with the same content.
    if (!existsSync(folder)) renameSync(join(work, 'package'), folder);
    return { folder, absence: null };
  } catch (error) {
    return { folder: null, absence: `${name} cannot be fetched: ${String(error).split('\n')[0] ?? ''}` };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};
