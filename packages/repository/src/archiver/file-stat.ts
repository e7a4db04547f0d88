import type { BigIntStats } from 'node:fs';

/** What lstat and fstat say of a file, in a form that passes between threads. Times in nanoseconds since 1970. */
export interface FileStat {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly inode: bigint;
  readonly deviceId: bigint;
  readonly links: number;
  readonly size: number;
  readonly device: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** Takes what Node's stat calls give with `bigint: true`. */
export function toFileStat(stat: BigIntStats): FileStat {
  return {
    mode: Number(stat.mode),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    inode: stat.ino,
    deviceId: stat.dev,
    links: Number(stat.nlink),
    size: Number(stat.size),
    device: Number(stat.rdev),
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
  };
}

/** Tells whether a file's content may differ between two looks at it. */
export function differs(before: FileStat, after: FileStat): boolean {
  return before.size !== after.size || before.mtimeNs !== after.mtimeNs || before.ctimeNs !== after.ctimeNs;
}
