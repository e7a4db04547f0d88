import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchmarkRepository, Command, Engine } from './engine.ts';

/**
 * kopia with its defaults, but for compression: by default it does not compress, so that it is told to use zstd as the
 * others do.
 */
export function kopia(program: string, version: string): Engine {
  const run = (repository: BenchmarkRepository, ...args: readonly string[]): Command => ({
    args: ['--config-file', join(repository.home, 'kopia.config'), '--no-progress', ...args],
    environment: {
      KOPIA_PASSWORD: readFileSync(repository.passwordFile, 'utf8').trim(),
      KOPIA_CHECK_FOR_UPDATES: 'false',
    },
  });
  return {
    name: `kopia ${version}`,
    program,
    speaksS3: true,
    resticFormat: false,
    init: (repository) => [
      run(repository, 'repository', 'create', ...place(repository)),
      run(repository, 'policy', 'set', '--global', '--compression', 'zstd'),
    ],
    backup: (repository, source) => run(repository, 'snapshot', 'create', source),
    listPoints: (repository) =>
      run(repository, 'snapshot', 'list', '--all', '--json', '--max-results', '0', '--show-identical'),
    readPoints: (output) => (JSON.parse(output) as readonly { readonly id: string }[]).map(({ id }) => id),
    restore: (repository, point, _source, target) => run(repository, 'snapshot', 'restore', point, target),
    restoreFile: (repository, point, _source, file, target) =>
      run(repository, 'snapshot', 'restore', `${point}/${file}`, join(target, 'file')),
    restoredFolder: (_source, target) => target,
    restoredFile: (_source, _file, target) => join(target, 'file'),
    check: (repository) => run(repository, 'snapshot', 'verify', '--verify-files-percent', '100'),
    forget: (repository, points) => [run(repository, 'snapshot', 'delete', '--delete', ...points)],
    prune: (repository) => run(repository, 'maintenance', 'run', '--full', '--safety', 'none'),
  };
}

function place({ folder, home, s3 }: BenchmarkRepository): string[] {
  const cache = ['--cache-directory', join(home, 'cache')];
  if (s3 === null) return ['filesystem', '--path', folder, ...cache];
  const { endpoint, bucket, prefix, accessKey, secretKey } = s3;
  const keys = ['--access-key', accessKey, '--secret-access-key', secretKey];
  return [
    's3',
    '--endpoint',
    new URL(endpoint).host,
    '--disable-tls',
    '--bucket',
    bucket,
    '--prefix',
    `${prefix}/`,
    ...keys,
    ...cache,
  ];
}
