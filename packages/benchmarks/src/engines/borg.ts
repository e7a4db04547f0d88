import { join } from 'node:path';
import type { BenchmarkRepository, Command, Engine } from './engine.ts';

/**
 * borg with its defaults, but for compression: by default it uses lz4, so that it is told to use zstd, at its default
 * level, as the others do. Encryption has no default; `repokey-blake2` is what its manual advises where BLAKE2 is the
 * faster hash.
 */
export function borg(program: string, version: string): Engine {
  const run = (repository: BenchmarkRepository, ...args: readonly string[]): Command => ({
    args,
    environment: {
      BORG_REPO: repository.folder,
      BORG_PASSCOMMAND: `cat ${repository.passwordFile}`,
      BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
      BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
      BORG_DELETE_I_KNOW_WHAT_I_AM_DOING: 'YES',
      BORG_CHECK_I_KNOW_WHAT_I_AM_DOING: 'YES',
    },
  });
  const extract = (repository: BenchmarkRepository, target: string, ...args: readonly string[]): Command => ({
    ...run(repository, 'extract', ...args),
    folder: target,
  });
  return {
    name: `borg ${version}`,
    program,
    speaksS3: false,
    resticFormat: false,
    init: (repository) => [run(repository, 'init', '--encryption', 'repokey-blake2', repository.folder)],
    backup: (repository, source) =>
      run(repository, 'create', '--compression', 'zstd', '::{now:%Y-%m-%dT%H:%M:%S.%f}', source),
    listPoints: (repository) => run(repository, 'list', '--short'),
    readPoints: (output) => output.split('\n').filter((line) => line !== ''),
    restore: (repository, point, _source, target) => extract(repository, target, `::${point}`),
    restoreFile: (repository, point, source, file, target) =>
      extract(repository, target, `::${point}`, join(source, file).slice(1)),
    restoredFolder: (source, target) => join(target, source),
    restoredFile: (source, file, target) => join(target, source, file),
    check: (repository) => run(repository, 'check', '--verify-data'),
    forget: (repository, points) => [run(repository, 'delete', repository.folder, ...points)],
    prune: (repository) => run(repository, 'compact'),
  };
}
