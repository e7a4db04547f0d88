import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** The machine of a benchmark. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memory_bytes: number;
  readonly system: string;
  readonly node: string;
  /** File system of the working folder and its device, as /proc/mounts names them. */
  readonly file_system: string;
}

/** Describes this machine; `folder` is an absolute path on the file system that is worked on. */
export function describeMachine(folder: string): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_bytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    file_system: fileSystemOf(folder),
  };
}

function fileSystemOf(folder: string): string {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, place]) => place !== undefined && `${folder}/`.startsWith(place === '/' ? '/' : `${place}/`));
  const [device = 'unknown', , kind = 'unknown'] =
    mounts.sort((first, second) => (second[1]?.length ?? 0) - (first[1]?.length ?? 0))[0] ?? [];
  return `${kind} on ${device}`;
}
