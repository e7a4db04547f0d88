import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';

const architectures: Readonly<Record<string, string>> = { arm64: 'aarch64', x64: 'x86_64' };

/**
 * Bundles the checkout `root` as `npm run bundle` does, unpacks the archive for this machine below `work`, and returns the
 * program in it. Made anew each time, so that it is never older than the sources. Throws BENCHMARK_FAILED where no archive
 * is made for this machine.
 */
export function makeShippedProgram(root: string, work: string): string {
  const architecture = architectures[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) {
    throw new PlatformError('BENCHMARK_FAILED', `no archive is made for ${process.platform}-${process.arch}`);
  }
  execFileSync(process.execPath, [join(root, 'scripts/bundle.ts')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const folder = join(work, 'shipped');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', join(root, 'dist', `agent-${architecture}.tar.gz`)], { cwd: folder });
  return join(folder, 'bin/backupctl');
}
