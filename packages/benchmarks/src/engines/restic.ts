import { join } from 'node:path';
import type { BenchmarkRepository, Engine } from './engine.ts';

/** restic with its defaults: compression `auto`, cache in the home folder. */
export function restic(program: string, version: string): Engine {
  const run = (repository: BenchmarkRepository, ...args: readonly string[]) => ({
    args: ['-r', location(repository), '--password-file', repository.passwordFile, ...args],
  });
  return {
    name: `restic ${version}`,
    program,
    speaksS3: true,
    resticFormat: true,
    init: (repository) => [run(repository, 'init')],
    backup: (repository, source) => run(repository, 'backup', source),
    listPoints: (repository) => run(repository, 'snapshots', '--json'),
    readPoints: (output) => (JSON.parse(output) as readonly { readonly id: string }[]).map(({ id }) => id),
    restore: (repository, point, _source, target) => run(repository, 'restore', point, '--target', target),
    restoreFile: (repository, point, source, file, target) =>
      run(repository, 'restore', point, '--include', join(source, file), '--target', target),
    restoredFolder: (source, target) => join(target, source),
    restoredFile: (source, file, target) => join(target, source, file),
    check: (repository) => run(repository, 'check', '--read-data'),
    forget: (repository, points) => [run(repository, 'forget', ...points)],
    prune: (repository) => run(repository, 'prune'),
  };
}

function location({ folder, s3 }: BenchmarkRepository): string {
  return s3 === null ? folder : `s3:${s3.endpoint}/${s3.bucket}/${s3.prefix}`;
}
