import { join } from 'node:path';
import type { BenchmarkRepository, Engine } from './engine.ts';

/** rustic with its defaults: zstd at its default level, cache in the home folder. */
export function rustic(program: string, version: string): Engine {
  const run = (repository: BenchmarkRepository, ...args: readonly string[]) => ({
    args: ['-r', location(repository), '--password-file', repository.passwordFile, '--no-progress', ...args],
    environment: s3Settings(repository),
  });
  return {
    name: `rustic ${version}`,
    program,
    speaksS3: true,
    resticFormat: true,
    init: (repository) => [run(repository, 'init')],
    backup: (repository, source) => run(repository, 'backup', source),
    listPoints: (repository) => run(repository, 'snapshots', '--json'),
    readPoints,
    restore: (repository, point, source, target) => run(repository, 'restore', `${point}:${source}`, target),
    restoreFile: (repository, point, source, file, target) =>
      run(repository, 'restore', `${point}:${join(source, file)}`, join(target, 'file')),
    restoredFolder: (_source, target) => target,
    restoredFile: (_source, _file, target) => join(target, 'file'),
    check: (repository) => run(repository, 'check', '--read-data'),
    forget: (repository, points) => [run(repository, 'forget', ...points)],
    prune: (repository) => run(repository, 'prune', '--instant-delete'),
  };
}

function location({ folder, s3 }: BenchmarkRepository): string {
  return s3 === null ? folder : 'opendal:s3';
}

function s3Settings({ s3 }: BenchmarkRepository): Readonly<Record<string, string>> {
  if (s3 === null) return {};
  return {
    OPENDAL_ENDPOINT: s3.endpoint,
    OPENDAL_BUCKET: s3.bucket,
    OPENDAL_ROOT: `/${s3.prefix}`,
    OPENDAL_REGION: 'us-east-1',
    OPENDAL_ACCESS_KEY_ID: s3.accessKey,
    OPENDAL_SECRET_ACCESS_KEY: s3.secretKey,
  };
}

interface ListedPoint {
  readonly id: string;
  readonly time: string;
}

/** rustic prints groups of points; versions differ in how a group is written, but each point is an object with id and time. */
function readPoints(output: string): string[] {
  const found: ListedPoint[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('id' in value && 'time' in value && 'tree' in value) found.push(value as unknown as ListedPoint);
    else for (const inner of Object.values(value)) visit(inner);
  };
  visit(JSON.parse(output));
  return found.sort((left, right) => Date.parse(left.time) - Date.parse(right.time)).map(({ id }) => id);
}
