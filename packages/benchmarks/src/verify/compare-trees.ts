import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';

const windowSize = 1024 * 1024;
const left = Buffer.allocUnsafe(windowSize);
const right = Buffer.allocUnsafe(windowSize);

/**
 * Compares two trees: names, types, permissions, targets of links, and of files also sizes, modification times to the
 * microsecond, and every byte. Returns the number of files. Throws BENCHMARK_FAILED with the first path that differs.
 */
export function compareTrees(expected: string, found: string): number {
  const names = readdirSync(expected).sort();
  const foundNames = readdirSync(found).sort();
  if (names.join('\0') !== foundNames.join('\0')) {
    const odd = [...names, ...foundNames].find((name) => !names.includes(name) || !foundNames.includes(name));
    throw differs(join(expected, odd ?? ''), 'its name is on one side only');
  }
  let files = 0;
  for (const name of names) {
    const [path, other] = [join(expected, name), join(found, name)];
    const [stats, otherStats] = [lstatSync(path, { bigint: true }), lstatSync(other, { bigint: true })];
    if (stats.mode !== otherStats.mode) throw differs(path, 'type or permissions differ');
    if (stats.isDirectory()) {
      files += compareTrees(path, other);
    } else if (stats.isSymbolicLink()) {
      if (readlinkSync(path) !== readlinkSync(other)) throw differs(path, 'the link leads elsewhere');
    } else if (stats.isFile()) {
      compareStats(path, stats, otherStats);
      compareContents(path, other);
      files += 1;
    }
  }
  return files;
}

/** Compares one file with another, byte by byte. Throws BENCHMARK_FAILED when they differ. */
export function compareContents(path: string, other: string): void {
  const descriptors = [openSync(path, 'r'), openSync(other, 'r')] as const;
  try {
    for (;;) {
      const length = readSync(descriptors[0], left, 0, windowSize, null);
      if (readSync(descriptors[1], right, 0, windowSize, null) !== length) throw differs(path, 'the length differs');
      if (length === 0) return;
      if (!left.subarray(0, length).equals(right.subarray(0, length))) throw differs(path, 'the content differs');
    }
  } finally {
    descriptors.forEach(closeSync);
  }
}

function compareStats(path: string, stats: BigIntStats, other: BigIntStats): void {
  if (stats.size !== other.size) throw differs(path, 'the size differs');
  if (stats.mtimeNs / 1000n !== other.mtimeNs / 1000n) throw differs(path, 'the modification time differs');
}

const differs = (path: string, how: string): PlatformError =>
  new PlatformError('BENCHMARK_FAILED', `what was restored of ${path} is not what was backed up: ${how}`);
