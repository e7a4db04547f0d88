import { basename, join } from 'node:path';
import type { BenchmarkRepository, Engine } from './engine.ts';

/**
 * `backupctl repository`, started as a person starts it: by the launcher that npm links to node_modules/.bin, or by the one
 * of an archive.
 */
export function ours(program: string, version: string): Engine {
  const run = (repository: BenchmarkRepository, ...args: readonly string[]) => ({
    args: ['repository', ...args, ...place(repository), '--password-file', repository.passwordFile],
  });
  return {
    name: `backupctl ${version}`,
    program,
    speaksS3: true,
    resticFormat: true,
    init: (repository) => [run(repository, 'init')],
    backup: (repository, source) => run(repository, 'backup', source),
    listPoints: (repository) => run(repository, 'snapshots', '--json'),
    readPoints,
    restore: (repository, point, source, target) =>
      run(repository, 'restore', point, '--folder', source, '--target', target),
    restoreFile: (repository, point, source, file, target) =>
      run(
        repository,
        'restore',
        point,
        '--folder',
        join(source, file, '..'),
        '--include',
        `/${basename(file)}`,
        '--target',
        target,
      ),
    restoredFolder: (_source, target) => target,
    restoredFile: (_source, file, target) => join(target, basename(file)),
    check: (repository) => run(repository, 'check', '--read-data'),
    forget: (repository, points) => [run(repository, 'forget', ...points, '--apply')],
    prune: (repository) => run(repository, 'prune', '--grace', '0s'),
  };
}

function place({ folder, s3 }: BenchmarkRepository): string[] {
  return ['--repository', s3 === null ? folder : `s3:${s3.endpoint}/${s3.bucket}/${s3.prefix}`];
}

function readPoints(output: string): string[] {
  const line = output.split('\n').find((text) => text.startsWith('{"snapshots"')) ?? '{"snapshots":[]}';
  const { snapshots } = JSON.parse(line) as { readonly snapshots: readonly { readonly id: string }[] };
  return snapshots.map(({ id }) => id);
}
