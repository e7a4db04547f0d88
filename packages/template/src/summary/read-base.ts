import { spawnSync } from 'node:child_process';
import { PlatformError } from '@enterprise-backup/contracts/errors';

/**
 * Every file of `templates/` as it stood at a commit, by name.
 *
 * @param root absolute path of the checkout
 * @throws PlatformError REQUEST_INVALID when git knows no such commit.
 */
export const readBase = (root: string, commit: string): Map<string, string> => {
  const git = (...args: readonly string[]): string => {
    const result = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
    if (result.status === 0) return result.stdout;
    throw new PlatformError('REQUEST_INVALID', `git knows no commit ${commit}: ${result.stderr.trim()}`);
  };
  const revision = git('rev-parse', '--verify', '--end-of-options', `${commit}^{commit}`).trim();
  const paths = git('ls-tree', '--name-only', revision, 'templates/')
    .split('\n')
    .filter((path) => path.endsWith('.yaml'));
  return new Map(paths.map((path) => [path.replace('templates/', ''), git('show', `${revision}:${path}`)]));
};
