import { readlinkSync, type BigIntStats } from 'node:fs';
import {
  extendedAttributesSupported,
  listExtendedAttributes,
} from '@enterprise-backup/repository/posix/extended-attributes';
import { displayPath } from '@enterprise-backup/repository/display-path';

const SHOWN_VALUE_DIGITS = 128;

/** What of an entry differs. */
export type DifferenceKind =
  | 'missing'
  | 'extra'
  | 'type'
  | 'mode'
  | 'owner'
  | 'modification_time'
  | 'size'
  | 'content'
  | 'link_target'
  | 'hard_links'
  | 'device'
  | 'attribute'
  | 'unreadable';

/** One aspect in which two entries differ, with both values as text for a person. */
export interface AspectDifference {
  readonly what: DifferenceKind;
  readonly expected: string;
  readonly actual: string;
}

/** One side of a comparison: where the entry lies and what `lstat` says of it. */
export interface ComparedEntry {
  readonly path: Buffer;
  readonly stats: BigIntStats;
}

/** Kind of an entry, in restic's words. */
export function entryType(stats: BigIntStats): string {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'dir';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isCharacterDevice()) return 'chardev';
  if (stats.isBlockDevice()) return 'dev';
  return stats.isSocket() ? 'socket' : 'unknown';
}

/**
 * Every aspect but the content in which two entries of the same type differ: permissions with setuid, setgid and sticky,
 * owner, modification time to the nanosecond, size of a file, target of a link, number of a device, extended attributes
 * (and POSIX ACLs, which are attributes on Linux). Access and change times and inode numbers are not compared: no
 * restore can bring them back.
 *
 * Throws the failure of a system call.
 */
export function compareMetadata(
  expected: ComparedEntry,
  actual: ComparedEntry,
  { owners }: { readonly owners: boolean },
): AspectDifference[] {
  const differences: AspectDifference[] = [];
  const compare = (what: DifferenceKind, of: (entry: ComparedEntry) => string): void => {
    const [wanted, found] = [of(expected), of(actual)];
    if (wanted !== found) differences.push({ what, expected: wanted, actual: found });
  };
  const type = entryType(expected.stats);

  // Linux gives every link the mode 0777 and has no call to set another.
  if (type !== 'symlink') compare('mode', ({ stats }) => (Number(stats.mode) & 0o7777).toString(8).padStart(4, '0'));
  if (owners) compare('owner', ({ stats }) => `${stats.uid}:${stats.gid}`);
  if (expected.stats.mtimeNs !== actual.stats.mtimeNs)
    compare('modification_time', ({ stats }) => formatTime(stats.mtimeNs));
  if (type === 'file') compare('size', ({ stats }) => String(stats.size));
  if (type === 'symlink') compare('link_target', ({ path }) => displayPath(readlinkSync(path, { encoding: 'buffer' })));
  if (type === 'dev' || type === 'chardev') compare('device', ({ stats }) => String(stats.rdev));
  if (extendedAttributesSupported()) differences.push(...compareAttributes(expected.path, actual.path));
  return differences;
}

function compareAttributes(expectedPath: Buffer, actualPath: Buffer): AspectDifference[] {
  const expected = attributesOf(expectedPath);
  const actual = attributesOf(actualPath);
  const differences: AspectDifference[] = [];
  for (const name of new Set([...expected.keys(), ...actual.keys()])) {
    const [wanted, found] = [expected.get(name), actual.get(name)];
    if (wanted !== found) {
      const shownName = displayPath(Buffer.from(name, 'latin1'));
      const show = (value: string | undefined): string =>
        value === undefined ? `no ${shownName}` : `${shownName}=${showValue(value)}`;
      differences.push({ what: 'attribute', expected: show(wanted), actual: show(found) });
    }
  }
  return differences;
}

/** Values in hex by name; latin1 keeps every byte of a name. */
function attributesOf(path: Buffer): Map<string, string> {
  return new Map(
    listExtendedAttributes(path).map(({ name, value }) => [name.toString('latin1'), value.toString('hex')]),
  );
}

/** The first bytes in hex; a value may have 64 KiB. */
function showValue(hex: string): string {
  return hex.length <= SHOWN_VALUE_DIGITS
    ? `0x${hex}`
    : `0x${hex.slice(0, SHOWN_VALUE_DIGITS)}… (${hex.length / 2} bytes)`;
}

/** RFC 3339 with nine digits after the second, or the number of nanoseconds when it lies outside the years of a Date. */
function formatTime(ns: bigint): string {
  const fraction = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const date = new Date(Number((ns - fraction) / 1_000_000n));
  if (Number.isNaN(date.getTime())) return `${ns} ns`;
  return date.toISOString().replace(/\.000Z$/, `.${String(fraction).padStart(9, '0')}Z`);
}
